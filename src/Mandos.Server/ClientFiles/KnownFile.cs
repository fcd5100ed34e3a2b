using Mandos.Core.Keys;
using Mandos.Core.Linux.Files;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// A configuration file that was read and followed, with nothing wrong in it: while it and the secret files that it names have
/// the same stamps, its clients are what they were; and while a section of it says the same, that client is.
/// </summary>
/// <param name="Stamp">Of the file, from before it was read; null: it had changed just then, and has to be read again.</param>
/// <param name="Defaults">Of its <c>[DEFAULT]</c>; see <see cref="SectionDigest"/>.</param>
/// <param name="Clients">In its order.</param>
internal sealed record KnownFile(FileStamp? Stamp, UInt128 Defaults, IReadOnlyList<KnownClient> Clients);

/// <summary>Enough of a client to see that it is what it was, and that no other one takes its name or its key.</summary>
/// <param name="Name">The section.</param>
/// <param name="Line">Where it begins.</param>
/// <param name="KeyId">Its key.</param>
/// <param name="Content">Of its section; see <see cref="SectionDigest"/>.</param>
/// <param name="SecretFile">Where its secret is, if that is a file.</param>
internal readonly record struct KnownClient(string Name, int Line, KeyId? KeyId, UInt128 Content, KnownSecretFile? SecretFile);

/// <summary>A file that holds the secret of a client.</summary>
/// <param name="Written">As the configuration names it: what a variable or <c>~</c> stands for may change.</param>
/// <param name="Path">What that was.</param>
/// <param name="Stamp">From before it was read; null: it had changed just then, and has to be read again.</param>
internal sealed record KnownSecretFile(string Written, string Path, FileStamp? Stamp)
{
    /// <summary>Whether it is what it was.</summary>
    internal bool IsUnchanged(PathExpansion paths) => Stamp is { } stamp && paths.Expand(Written) == Path && FileStamp.Of(Path) == stamp;
}
