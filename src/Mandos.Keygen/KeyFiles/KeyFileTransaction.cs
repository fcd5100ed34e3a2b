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
/// Until they are moved, the hooks of the image builders take the files from the second directory. A rotation has its new keys in a
/// directory of its own, which is renamed in the same way; it keeps the old files itself, so they get no backup names.
/// </remarks>
internal sealed class KeyFileTransaction : IDisposable
{
    private const string StagingName = ".mandos-keygen.new", ReadyName = ".mandos-keygen.ready";

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

    /// <summary>Makes the files of another directory below it the valid key files; that directory disappears.</summary>
    /// <exception cref="KeygenException">The directory does not have exactly the key files, or cannot be renamed.</exception>
    public static void Adopt(string directory, string source, Action<string>? step = null)
    {
        using var transaction = Open(directory, step);
        var names = Directory.EnumerateFileSystemEntries(source).Select(path => Path.GetFileName(path)!).ToHashSet();
        if (!names.SetEquals(KeyDirectory.Names))
            throw new KeygenException(
                $"{source} does not have exactly the four key files: {string.Join(", ", names.Order(StringComparer.Ordinal))}",
                "only mandos-keygen writes there: remove the rest");
        DurableKeyFiles.Sync(source);
        DurableKeyFiles.Rename(source, transaction.Ready);
        transaction._step("committed");
        DurableKeyFiles.Sync(directory);
        transaction.Finish(recovering: false);
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
            var existing = names.Where(name => DurableKeyFiles.Exists(Path.Combine(directory, name))).ToList();
            if (existing.Count > 0 && !force)
            {
                throw new KeygenException(
                    $"{directory} already has key files: {string.Join(", ", existing)}",
                    "use --force to replace them; the old ones are kept as numbered backups");
            }

            Directory.CreateDirectory(transaction.Staging, DurableKeyFiles.OwnerDirectory);
            transaction._staged = true;
            return transaction;
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            transaction.Dispose();
            throw new KeygenException(
                $"the key directory {directory} cannot be written: {SystemFailure.Reason(error)}",
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
        DurableKeyFiles.WriteNew(Path.Combine(Staging, name), content);
        _step($"wrote {name}");
    }

    /// <summary>Makes the staged files the valid key files.</summary>
    public void Commit()
    {
        DurableKeyFiles.Sync(Staging);
        DurableKeyFiles.Rename(Staging, Ready);
        _staged = false;
        _step("committed");
        DurableKeyFiles.Sync(_directory);
        Finish(recovering: false);
    }

    /// <summary>Discards what was not committed and releases the lock.</summary>
    public void Dispose()
    {
        if (_staged)
            DurableKeyFiles.Remove(Staging);
        _staged = false;
        _lock.Dispose();
    }

    private static KeyFileTransaction Open(string directory, Action<string>? step)
    {
        DurableKeyFiles.Check(DurableFiles.OpenDirectory(directory, out var handle), $"cannot open the key directory {directory}");
        if (DurableFiles.TryLock(handle).Code == DurableFiles.EWOULDBLOCK)
        {
            handle.Dispose();
            throw new KeygenException($"another mandos-keygen is running in {directory}");
        }

        var transaction = new KeyFileTransaction(directory, handle, step);
        try
        {
            transaction.Finish(recovering: true);
            DurableKeyFiles.Remove(transaction.Staging);
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
            if (DurableKeyFiles.Exists(final) && !IsKeptByRotation(name) && !(recovering && IsBackedUp(name)))
            {
                var number = recovering && NumberedBackup.Highest(_directory, name) < highest ? highest : highest + 1;
                DurableKeyFiles.Check(NumberedBackup.Keep(_directory, name, number), $"cannot keep a backup of {final}");
                _step($"kept {name}");
            }

            DurableKeyFiles.Check(DurableFiles.Rename(Path.Combine(Ready, name), final), $"cannot write {final}");
            _step($"placed {name}");
        }

        DurableKeyFiles.Sync(_directory);
        Directory.Delete(Ready);
        _step("done");
        DurableKeyFiles.Sync(_directory);
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

    // Whether a rotation has kept a file. Its content decides: only a copy of this very file makes a backup superfluous.
    private bool IsKeptByRotation(string name)
    {
        foreach (var kept in RotationFolder.Copies(_directory).Select(copy => Path.Combine(copy, name)).Where(File.Exists))
        {
            using var copy = KeyFile.Read(Path.GetDirectoryName(kept)!, name);
            using var current = KeyFile.Read(_directory, name);
            if (copy.Span.SequenceEqual(current.Span))
                return true;
        }

        return false;
    }
}
