using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Files;

/// <summary>The type of a file (statx(2), whose structure is the same on every architecture).</summary>
public static unsafe partial class FileKind
{
    private const int AT_FDCWD = -100, AT_EMPTY_PATH = 0x1000;
    private const uint STATX_BASIC_STATS = 0x7ff;
    private const int S_IFMT = 0xf000, S_IFREG = 0x8000, S_IFDIR = 0x4000, AnyExecute = 0x49, OthersExecute = 1;

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    /// <summary>Whether it is a regular file (symbolic links are followed) that all users may execute.</summary>
    public static bool IsExecutableFile(string path)
    {
        Status status;
        return Look(path, &status) && (status.Mode & S_IFMT) == S_IFREG && (status.Mode & AnyExecute) != 0;
    }

    /// <summary>Whether it is a directory owned by root that others may not enter.</summary>
    public static bool IsClosedDirectoryOfRoot(string path)
    {
        Status status;
        return Look(path, &status) && (status.Mode & S_IFMT) == S_IFDIR
            && status.User == 0 && status.Group == 0 && (status.Mode & OthersExecute) == 0;
    }

    /// <summary>Whether it is a regular file (symbolic links are followed).</summary>
    public static bool IsFile(string path)
    {
        Status status;
        return Look(path, &status) && (status.Mode & S_IFMT) == S_IFREG;
    }

    /// <summary>The owner of the file (symbolic links are followed); null if unknown.</summary>
    public static uint? OwnerOf(string path)
    {
        Status status;
        return Look(path, &status) ? status.User : null;
    }

    /// <summary>Whether the file exists (symbolic links are followed).</summary>
    public static bool Exists(string path)
    {
        Status status;
        return Look(path, &status);
    }

    /// <summary>Whether it cannot be read to an end like a file: a pipe, a device, a socket.</summary>
    public static bool IsSpecial(string path)
    {
        Status status;
        return Look(path, &status) && (status.Mode & S_IFMT) is not (S_IFREG or S_IFDIR);
    }

    /// <summary>Whether both paths lead to the same file.</summary>
    public static bool AreSame(string one, string other)
    {
        Status first, second;
        return Look(one, &first) && Look(other, &second) && first.Inode == second.Inode
            && first.DeviceMajor == second.DeviceMajor && first.DeviceMinor == second.DeviceMinor;
    }

    /// <summary>The identity of an open file: its device, as st_dev of stat(2), and its inode; zeros if it is not open.</summary>
    public static (ulong Device, ulong Inode) IdentityOf(int descriptor)
    {
        Status status;
        if (StatX(descriptor, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status) != 0)
            return default;
        ulong major = status.DeviceMajor, minor = status.DeviceMinor;
        return (((major & ~0xffful) << 32) | ((major & 0xfff) << 8) | ((minor & ~0xfful) << 12) | (minor & 0xff), status.Inode);
    }

    private static bool Look(string path, Status* status) => StatX(AT_FDCWD, path, 0, STATX_BASIC_STATS, status) == 0;

    [LibraryImport(LibC.Name, EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Status* status);
}
