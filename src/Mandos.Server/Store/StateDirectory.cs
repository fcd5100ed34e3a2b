using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Server.Clients;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Server.Store;

/// <summary>
/// The directory where state is kept, locked for one server; what is in it is read and written by its owner alone. The lock
/// goes with the process, however it ends.
/// </summary>
internal sealed class StateDirectory : IDisposable
{
    /// <summary>The state of upstream Mandos: imported at the first start, exported at a stop.</summary>
    internal const string OriginalName = "clients.pickle";

    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SafeFileHandle _handle;

    private StateDirectory(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <summary>Absolute.</summary>
    internal string Path { get; }

    /// <summary>Nothing is changed in it, as it cannot be written.</summary>
    internal bool IsReadOnly { get; set; }

    /// <summary>
    /// Makes it, as root and for a user alone, where only the last part of its path is missing. Where it cannot be made,
    /// <see cref="Open"/> says why.
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
            // It is not there.
        }
    }

    /// <summary>Locks a directory, and makes it where only the last part of its path is missing.</summary>
    /// <exception cref="StoreException">It is not there, or another server uses it.</exception>
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

    /// <summary>The same for one that cannot be written; nothing in it is changed.</summary>
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

    /// <summary>A child that a server began just before its end holds the lock too, until its program is loaded.</summary>
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

    /// <summary>The path of a file in it.</summary>
    internal string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Whether there is a file of that name; false if there is nothing at all.</summary>
    /// <exception cref="StoreException">There is something else: a directory, a pipe, a link to nothing.</exception>
    internal bool Holds(string name)
    {
        var path = File(name);
        if (FileKind.IsFile(path))
            return true;
        return System.IO.Path.Exists(path)
            ? throw new StoreException($"{path} is not a file", "move it away, or if it is a link, restore its target")
            : false;
    }

    /// <summary>Creates an empty file that no other user can read at any time; replaces a left-over of that name.</summary>
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

    /// <summary>Takes from others what they may do with a file, as after a restore by an administrator.</summary>
    internal void KeepToOwner(string name)
    {
        if (!IsReadOnly && System.IO.File.GetUnixFileMode(File(name)) != OwnerAlone)
            System.IO.File.SetUnixFileMode(File(name), OwnerAlone);
    }

    /// <summary>Renames in one step, in place of what there was; it lasts when this returns.</summary>
    internal void Rename(string from, string to)
    {
        var error = DurableFiles.Rename(File(from), File(to));
        if (error.Ok)
            error = DurableFiles.Sync(_handle);
        if (!error.Ok)
            throw new StoreException($"{File(to)}: {error}") { IsAboutDisk = true };
    }

    /// <summary>Gives the directory back.</summary>
    public void Dispose() => _handle.Dispose();
}
