using Mandos.Configuration;
using Mandos.Core.Linux.Files;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// The configuration files as last read, so that a reload need not read unchanged files again. Contains no secrets except for those in
/// <c>[DEFAULT]</c> of clients.conf.
/// </summary>
/// <param name="time">The clock, to recognize a file that has just changed.</param>
internal sealed class KnownFiles(TimeProvider time) : IDisposable
{
    private readonly Dictionary<string, KnownFile> _files = new(StringComparer.Ordinal);

    /// <summary>The digests that show which sections changed; shared with the last reading, so that both are comparable.</summary>
    internal SectionDigest Sections { get; init; } = new();

    /// <summary><c>[DEFAULT]</c> of clients.conf, which applies to all files; null if there is no clients.conf.</summary>
    internal ConfigurationDocument? Defaults { get; set; }

    /// <summary>The stamp of a file before it is read; null if it must be read each time.</summary>
    internal FileStamp? Stamp(string path) =>
        FileStamp.Of(path) is { } stamp && stamp.IsSettled(time.GetUtcNow().UtcDateTime) ? stamp : null;

    /// <summary>What is known of a file, if neither it nor its secret files changed; null if it must be read.</summary>
    internal KnownFile? Unchanged(string path, PathExpansion paths) =>
        Find(path) is { Stamp: { } stamp } known
            && FileStamp.Of(path) == stamp
            && known.Clients.All(client => client.SecretFile?.IsUnchanged(paths) != false)
            ? known
            : null;

    /// <summary>What is known of a file, whether or not it changed; null if nothing is.</summary>
    internal KnownFile? Find(string path) => _files.GetValueOrDefault(path);

    internal void Add(string path, KnownFile file) => _files[path] = file;

    /// <inheritdoc />
    public void Dispose() => Defaults?.Dispose();
}
