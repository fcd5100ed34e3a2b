using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Server.Clients;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Server.Store;

/// <summary>
/// The state directory, locked for one server; only its owner can read or write the files in it. The lock ends with the process, however
/// that ends.
/// </summary>
internal sealed class StateDirectory : IDisposable
{
    /// <summary>Upstream's state file: imported at the first start, exported at a stop.</summary>
    internal const string OriginalName = "clients.pickle";

    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SafeFileHandle _handle;

    private StateDirectory(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <summary>The absolute path.</summary>
    internal string Path { get; }

    /// <summary>Whether the directory is not writable, so that nothing in it is changed.</summary>
    internal bool IsReadOnly { get; set; }

    /// <summary>
    /// Creates the directory, as root and accessible to one user only, if only the last element of its path is missing. If it cannot be
    /// created, <see cref="Open"/> reports why.
    /// </summary>
    internal static void MakeFor(UserAccount owner, string path)
    {
        if (Directory.Exists(path) || !Directory.Exists(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))))
            return;
        try
        {
            _ = Directory.CreateDirectory(path, OwnerAlone | UnixFileMode.UserExecute);
            _ = FileNames.ChangeOwner(path, owner.UserId, owner.GroupId);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Open reports the reason.
        }
    }

    /// <summary>Locks a directory, and creates it if only the last element of its path is missing.</summary>
    /// <exception cref="StoreException">The directory does not exist, or another server uses it.</exception>
    internal static StateDirectory Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            if (!Directory.Exists(path) && Directory.Exists(System.IO.Path.GetDirectoryName(path)))
                _ = Directory.CreateDirectory(path, OwnerAlone | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, path);
        }

        return Take(path, isReadOnly: false);
    }

    /// <summary>Locks a directory that is not writable; changes nothing in it.</summary>
    internal static StateDirectory OpenReadOnly(string path) => Take(System.IO.Path.GetFullPath(path), isReadOnly: true);

    private static StateDirectory Take(string path, bool isReadOnly)
    {
        var error = DurableFiles.OpenDirectory(path, out var handle);
        if (error.Ok)
            error = Lock(handle);
        if (error.Ok)
            return new StateDirectory(path, handle) { IsReadOnly = isReadOnly };
        handle.Dispose();
        throw error.Code == DurableFiles.EWOULDBLOCK
            ? new StoreException($"another server uses {path}", "each server needs its own state directory: --statedir")
            : StoreFailure.OfDirectory(path, error);
    }

    /// <summary>
    /// Locks the directory. A child that a previous server started just before it exited holds the lock until its program is loaded.
    /// </summary>
    private static Errno Lock(SafeFileHandle handle)
    {
        var error = DurableFiles.TryLock(handle);
        for (var tries = 0; error.Code == DurableFiles.EWOULDBLOCK && tries < 20; tries++)
        {
            Thread.Sleep(25);
            error = DurableFiles.TryLock(handle);
        }

        return error;
    }

    /// <summary>Returns the path of a file in the directory.</summary>
    internal string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Whether a file of that name exists; false if nothing of that name exists.</summary>
    /// <exception cref="StoreException">Something else exists: a directory, a pipe, a dangling link.</exception>
    internal bool Holds(string name)
    {
        var path = File(name);
        if (FileKind.IsFile(path))
            return true;
        return System.IO.Path.Exists(path)
            ? throw new StoreException($"{path} is not a file", "move it away, or if it is a link, restore its target")
            : false;
    }

    /// <summary>Creates an empty file that other users can never read; replaces a leftover of that name.</summary>
    internal FileStream CreateNew(string name)
    {
        System.IO.File.Delete(File(name));
        return new FileStream(File(name), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerAlone,
        });
    }

    /// <summary>Removes the access of other users to a file, for example after an administrator restored it.</summary>
    internal void KeepToOwner(string name)
    {
        if (!IsReadOnly && System.IO.File.GetUnixFileMode(File(name)) != OwnerAlone)
            System.IO.File.SetUnixFileMode(File(name), OwnerAlone);
    }

    /// <summary>Renames a file atomically, replacing an existing one; durable when this returns.</summary>
    internal void Rename(string from, string to)
    {
        var error = DurableFiles.Rename(File(from), File(to));
        if (error.Ok)
            error = DurableFiles.Sync(_handle);
        if (!error.Ok)
            throw new StoreException($"{File(to)}: {error}") { IsAboutDisk = true };
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _handle.Dispose();
}
