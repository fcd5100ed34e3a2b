using Mandos.Core.Keys;
using Mandos.Core.Linux.Files;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// A configuration file that was read without errors and applied. While the stamps of the file and of its secret files are unchanged, so
/// are its clients; while the content of a section is unchanged, so is its client.
/// </summary>
/// <param name="Stamp">The stamp of the file from before it was read; null if it had changed just then, so that it must be read
/// again.</param>
/// <param name="Defaults">The digest of its <c>[DEFAULT]</c>; see <see cref="SectionDigest"/>.</param>
/// <param name="Clients">The clients in the order of the file.</param>
internal sealed record KnownFile(FileStamp? Stamp, UInt128 Defaults, IReadOnlyList<KnownClient> Clients);

/// <summary>Enough of a client to recognize that it is unchanged, and that no other one uses its name or key.</summary>
/// <param name="Name">The section.</param>
/// <param name="Line">The line where the section begins.</param>
/// <param name="KeyId">Its key.</param>
/// <param name="Content">The digest of its section; see <see cref="SectionDigest"/>.</param>
/// <param name="SecretFile">The file with its secret, if any.</param>
internal readonly record struct KnownClient(string Name, int Line, KeyId? KeyId, UInt128 Content, KnownSecretFile? SecretFile);

/// <summary>A file with the secret of a client.</summary>
/// <param name="Written">The name in the configuration; the meaning of a variable or <c>~</c> may change.</param>
/// <param name="Path">The expanded path.</param>
/// <param name="Stamp">The stamp from before it was read; null if it had changed just then, so that it must be read again.</param>
internal sealed record KnownSecretFile(string Written, string Path, FileStamp? Stamp)
{
    /// <summary>Whether the file is unchanged.</summary>
    internal bool IsUnchanged(PathExpansion paths) => Stamp is { } stamp && paths.Expand(Written) == Path && FileStamp.Of(Path) == stamp;
}
