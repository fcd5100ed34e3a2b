using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Keygen.Failures;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Keygen.KeyFiles;

/// <summary>
/// Writes a set of key files, all or none, mode 0600, whatever happens in between.
/// </summary>
/// <remarks>
/// The files are written to a staging directory beside their final place and brought to the disk. Then it is renamed, in
/// one step: from here on the new keys are the keys. The files are moved to their places, each in one step, old ones
/// kept under backup names before. A staging directory that was not renamed is what a crash left of keys that never
/// were; one that was renamed is finished by the next run, before it does anything else. A lock on the directory keeps
/// two runs apart.
/// <code>
///   .mandos-keygen.new/  --rename-->  .mandos-keygen.ready/  --rename each-->  seckey.txt pubkey.txt tls-*.pem
///   (crash: thrown away)              (crash: finished by the next run)
/// </code>
/// </remarks>
internal sealed class KeyFileTransaction : IDisposable
{
    private const string StagingName = ".mandos-keygen.new", ReadyName = ".mandos-keygen.ready";
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory;
    private readonly SafeFileHandle _lock;
    private readonly Action<string> _step;
    private bool _staged;

    private KeyFileTransaction(string directory, SafeFileHandle handle, Action<string>? step)
    {
        _directory = directory;
        _lock = handle;
        _step = step ?? (_ => { });
    }

    private string Staging => Path.Combine(_directory, StagingName);

    private string Ready => Path.Combine(_directory, ReadyName);

    /// <summary>True if an earlier run was interrupted while it put complete new keys in place.</summary>
    public static bool IsPending(string directory) => Directory.Exists(Path.Combine(directory, ReadyName));

    /// <summary>Finishes what an interrupted run had begun; does nothing if there is nothing.</summary>
    public static void Recover(string directory)
    {
        if (IsPending(directory))
            Open(directory, step: null).Dispose();
    }

    /// <summary>Locks the directory and makes room for new files.</summary>
    /// <param name="directory">Where the files will be.</param>
    /// <param name="names">Files that must not exist yet, unless <paramref name="force"/>.</param>
    /// <param name="force">Replace files that exist.</param>
    /// <param name="step">Called after each change on the disk.</param>
    /// <exception cref="KeygenException">A file exists, the directory cannot be written, another run is at work.</exception>
    public static KeyFileTransaction Begin(string directory, IEnumerable<string> names, bool force, Action<string>? step = null)
    {
        var transaction = Open(directory, step);
        try
        {
            var existing = names.Where(name => Exists(Path.Combine(directory, name))).ToList();
            if (existing.Count > 0 && !force)
            {
                throw new KeygenException(
                    $"{directory} already has key files: {string.Join(", ", existing)}",
                    "use --force to replace them; the old ones are kept as numbered backups");
            }

            Directory.CreateDirectory(transaction.Staging, OwnerFile | UnixFileMode.UserExecute);
            transaction._staged = true;
            return transaction;
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            transaction.Dispose();
            throw new KeygenException(
                $"the key directory {directory} cannot be written: {FileFailure.Reason(error)}",
                error is UnauthorizedAccessException ? "run this as root" : null);
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    /// <summary>Writes one file to the staging directory and to the disk.</summary>
    public void Stage(string name, ReadOnlySpan<byte> content)
    {
        WriteNew(Path.Combine(Staging, name), content);
        _step($"wrote {name}");
    }

    /// <summary>Makes the staged files the key files.</summary>
    public void Commit()
    {
        SyncDirectory(Staging);
        Check(DurableFiles.Rename(Staging, Ready), $"cannot rename {Staging}");
        _staged = false;
        _step("committed");
        SyncDirectory(_directory);
        Finish(recovering: false);
    }

    /// <summary>Throws away what was not committed and gives the lock back.</summary>
    public void Dispose()
    {
        if (_staged)
            Discard(Staging);
        _staged = false;
        _lock.Dispose();
    }

    private static KeyFileTransaction Open(string directory, Action<string>? step)
    {
        Check(DurableFiles.OpenDirectory(directory, out var handle), $"cannot open the key directory {directory}");
        if (DurableFiles.TryLock(handle).Code == DurableFiles.EWOULDBLOCK)
        {
            handle.Dispose();
            throw new KeygenException($"another mandos-keygen is running in {directory}");
        }

        var transaction = new KeyFileTransaction(directory, handle, step);
        try
        {
            transaction.Finish(recovering: true);
            Discard(transaction.Staging);
            return transaction;
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    private void Finish(bool recovering)
    {
        if (!IsPending(_directory))
            return;
        var names = Directory.EnumerateFiles(Ready).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList();
        // One number for the whole set; an interrupted run may have used it for some of the files.
        var highest = names.Select(name => NumberedBackup.Highest(_directory, name)).DefaultIfEmpty().Max();
        foreach (var name in names)
        {
            var final = Path.Combine(_directory, name);
            if (Exists(final) && !(recovering && IsBackedUp(name)))
            {
                var number = recovering && NumberedBackup.Highest(_directory, name) < highest ? highest : highest + 1;
                Check(NumberedBackup.Keep(_directory, name, number), $"cannot keep a backup of {final}");
                _step($"kept {name}");
            }

            Check(DurableFiles.Rename(Path.Combine(Ready, name), final), $"cannot write {final}");
            _step($"placed {name}");
        }

        SyncDirectory(_directory);
        Directory.Delete(Ready);
        _step("done");
        SyncDirectory(_directory);
    }

    // A run that ended between the backup and the replacement of a file left the old file under both names.
    private bool IsBackedUp(string name)
    {
        var highest = NumberedBackup.Highest(_directory, name);
        if (highest == 0)
            return false;
        using var backup = KeyFile.Read(_directory, $"{name}.~{highest}~");
        using var current = KeyFile.Read(_directory, name);
        return backup.Span.SequenceEqual(current.Span);
    }

    private static bool Exists(string path) =>
        new FileInfo(path) is var info && (info.Exists || info.LinkTarget is not null || Directory.Exists(path));

    private static void WriteNew(string path, ReadOnlySpan<byte> content)
    {
        // CreateNew is O_CREAT|O_EXCL: nothing that stands there is followed or reused. No buffer that would keep a copy.
        using var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                UnixCreateMode = OwnerFile,
                BufferSize = 0
            });
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    private static void Discard(string staging)
    {
        if (Directory.Exists(staging))
            Directory.Delete(staging, recursive: true);
    }

    private static void SyncDirectory(string path)
    {
        if (!DurableFiles.OpenDirectory(path, out var handle).Ok)
            return;
        using (handle)
            _ = DurableFiles.Sync(handle);
    }

    private static void Check(Errno errno, string what)
    {
        if (!errno.Ok)
            throw new KeygenException($"{what}: {errno}");
    }
}
