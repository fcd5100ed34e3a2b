using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Core.Linux.Files;

/// <summary>The calls that make a directory change atomic and durable: link(2), rename(2), fsync(2), flock(2).</summary>
public static partial class DurableFiles
{
    private const int O_RDONLY = 0, O_DIRECTORY = 0x10000, O_DIRECTORY_ARM64 = 0x4000, O_CLOEXEC = 0x80000;
    private const int LOCK_EX = 2, LOCK_NB = 4;

    /// <summary>The error number for a name that already exists.</summary>
    public const int EEXIST = 17;

    /// <summary>The error number for a lock that another process holds.</summary>
    public const int EWOULDBLOCK = 11;

    /// <summary>Gives a file a second name; never replaces a file and never follows a symbolic link.</summary>
    public static Errno Link(string existing, string name) => Errno.From(LinkFile(existing, name));

    /// <summary>Renames a file atomically, replacing an existing one of the new name.</summary>
    public static Errno Rename(string from, string to) => Errno.From(RenameFile(from, to));

    /// <summary>Opens a directory for <see cref="Sync"/> and <see cref="TryLock"/>.</summary>
    public static Errno OpenDirectory(string path, out SafeFileHandle handle)
    {
        var directory = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? O_DIRECTORY_ARM64 : O_DIRECTORY;
        var fd = Open(path, O_RDONLY | O_CLOEXEC | directory, 0);
        var errno = Errno.From(fd);
        handle = new SafeFileHandle(fd, ownsHandle: true);
        return errno;
    }

    /// <summary>Waits until the names in a directory are on disk. A file system that does not support this is trusted.</summary>
    public static Errno Sync(SafeFileHandle directory) => Completed(directory, FSync);

    /// <summary>Waits until the content of a file, and the metadata needed to read it, are on disk.</summary>
    public static Errno SyncData(SafeFileHandle file) => Completed(file, FDataSync);

    /// <summary>
    /// Takes the exclusive lock of an open directory, or fails with <see cref="EWOULDBLOCK"/>; closing the directory releases it.
    /// </summary>
    public static Errno TryLock(SafeFileHandle directory) => Errno.From(FLock(directory, LOCK_EX | LOCK_NB));

    /// <summary>Calls again after a signal, which some network file systems let interrupt the call.</summary>
    private static Errno Completed(SafeFileHandle file, Func<SafeFileHandle, int> call)
    {
        int result;
        do
            result = call(file);
        while (result < 0 && Errno.Last.Code == LibC.EINTR);
        return Errno.From(result);
    }

    [LibraryImport(LibC.Name, EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string existing, string name);

    [LibraryImport(LibC.Name, EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport(LibC.Name, EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle fd);

    [LibraryImport(LibC.Name, EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle fd);

    [LibraryImport(LibC.Name, EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle fd, int operation);
}
