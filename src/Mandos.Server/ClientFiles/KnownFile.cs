using Mandos.Core.Keys;
using Mandos.Core.Linux;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// A configuration file that was read and followed, with nothing wrong in it: while it and the secret files that it names have
/// the same stamps, its clients are what they were.
/// </summary>
/// <param name="Stamp">Of the file, from before it was read.</param>
/// <param name="Clients">In its order.</param>
/// <param name="SecretFiles">Those that it names.</param>
internal sealed record KnownFile(FileStamp Stamp, IReadOnlyList<KnownClient> Clients, IReadOnlyList<KnownSecretFile> SecretFiles);

/// <summary>Enough of a client to see that no other one takes its name or its key.</summary>
/// <param name="Name">The section.</param>
/// <param name="Line">Where it begins.</param>
/// <param name="KeyId">Its key.</param>
internal readonly record struct KnownClient(string Name, int Line, KeyId? KeyId);

/// <summary>A file that holds the secret of a client.</summary>
/// <param name="Written">As the configuration names it: what a variable or <c>~</c> stands for may change.</param>
/// <param name="Path">What that was.</param>
/// <param name="Stamp">From before it was read.</param>
internal readonly record struct KnownSecretFile(string Written, string Path, FileStamp Stamp);
