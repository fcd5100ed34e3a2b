using Mandos.Core.Linux.Files;
using Mandos.Server.Configuration;

namespace Mandos.Server.ClientFiles;

/// <summary>
/// The files of the configuration as they were read last, so that a reload does not read again what did not change. Holds no
/// secret but what stands in <c>[DEFAULT]</c> of clients.conf.
/// </summary>
/// <param name="time">To see whether a file changed just now.</param>
internal sealed class KnownFiles(TimeProvider time) : IDisposable
{
    private readonly Dictionary<string, KnownFile> _files = new(StringComparer.Ordinal);

    /// <summary>Shows which sections changed; that of the last reading, so that both can be compared.</summary>
    internal SectionDigest Sections { get; init; } = new();

    /// <summary><c>[DEFAULT]</c> of clients.conf, which holds for all files; null if there is no clients.conf.</summary>
    internal ConfigurationDocument? Defaults { get; set; }

    /// <summary>What a file is before it is read; null: it is to be read each time.</summary>
    internal FileStamp? Stamp(string path) =>
        FileStamp.Of(path) is { } stamp && stamp.IsSettled(time.GetUtcNow().UtcDateTime) ? stamp : null;

    /// <summary>What is known of a file that did not change, nor any of its secret files; null: it is to be read.</summary>
    internal KnownFile? Unchanged(string path, PathExpansion paths) =>
        Find(path) is { Stamp: { } stamp } known
            && FileStamp.Of(path) == stamp
            && known.Clients.All(client => client.SecretFile?.IsUnchanged(paths) != false)
            ? known
            : null;

    /// <summary>What is known of a file, whether it changed or not; null: nothing is.</summary>
    internal KnownFile? Find(string path) => _files.GetValueOrDefault(path);

    internal void Add(string path, KnownFile file) => _files[path] = file;

    /// <inheritdoc />
    public void Dispose() => Defaults?.Dispose();
}
