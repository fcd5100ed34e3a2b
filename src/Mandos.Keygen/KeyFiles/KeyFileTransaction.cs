using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Keygen.Failures;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Keygen.KeyFiles;

/// <summary>Writes a set of key files atomically (all or none), with mode 0600.</summary>
/// <remarks>
/// The files are written to a staging directory next to their final place and flushed to disk. Then the directory is renamed atomically:
/// from here on the new keys are valid. Each file is moved to its place atomically, after the old one has got a backup name. After a crash,
/// the next run discards a staging directory that was not renamed, and first completes one that was. A lock on the directory prevents
/// parallel runs.
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

    /// <summary>Whether an earlier run was interrupted while it moved complete new keys into place.</summary>
    public static bool IsPending(string directory) => Directory.Exists(Path.Combine(directory, ReadyName));

    /// <summary>Completes an interrupted run, if there is one.</summary>
    public static void Recover(string directory)
    {
        if (IsPending(directory))
            Open(directory, step: null).Dispose();
    }

    /// <summary>Locks the directory and prepares it for new files.</summary>
    /// <param name="directory">The directory for the files.</param>
    /// <param name="names">Files that must not exist yet, unless <paramref name="force"/>.</param>
    /// <param name="force">Replace files that exist.</param>
    /// <param name="step">Called after each change on the disk.</param>
    /// <exception cref="KeygenException">A file exists, the directory is not writable, or another run is in progress.</exception>
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

    /// <summary>Writes one file to the staging directory and flushes it to disk.</summary>
    public void Stage(string name, ReadOnlySpan<byte> content)
    {
        WriteNew(Path.Combine(Staging, name), content);
        _step($"wrote {name}");
    }

    /// <summary>Makes the staged files the valid key files.</summary>
    public void Commit()
    {
        SyncDirectory(Staging);
        Check(DurableFiles.Rename(Staging, Ready), $"cannot rename {Staging}");
        _staged = false;
        _step("committed");
        SyncDirectory(_directory);
        Finish(recovering: false);
    }

    /// <summary>Discards what was not committed and releases the lock.</summary>
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

    // Whether a file is already backed up. A run that ended between the backup and the replacement of a file left it under both names.
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
        // CreateNew is O_CREAT|O_EXCL: nothing existing is followed or reused. There is no buffer that would keep a copy.
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
