using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Files;

/// <summary>
/// Shows whether the file at a path is still the same with the same content: any change updates its change time, which no program can set
/// (statx(2)).
/// </summary>
/// <param name="Device">The device.</param>
/// <param name="Inode">The inode number on it.</param>
/// <param name="Size">The size in bytes.</param>
/// <param name="Modified">When the content changed, in nanoseconds since 1970.</param>
/// <param name="Changed">When content or metadata changed, in nanoseconds since 1970.</param>
public readonly partial record struct FileStamp(ulong Device, ulong Inode, ulong Size, long Modified, long Changed)
{
    private const int AT_FDCWD = -100;
    private const uint STATX_BASIC_STATS = 0x7ff;
    private const long NanosecondsPerSecond = 1_000_000_000, NanosecondsPerTick = 100;

    /// <summary>The coarsest timestamp resolution of any file system in use (FAT's).</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(2);

    /// <summary>Reads the stamp; null if the file does not exist or is inaccessible.</summary>
    public static unsafe FileStamp? Of(string path)
    {
        Status status;
        if (StatX(AT_FDCWD, path, 0, STATX_BASIC_STATS, &status) != 0)
            return null;
        return new(
            ((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode, status.Size,
            Nanoseconds(status.ModifiedSeconds, status.ModifiedNanoseconds), Nanoseconds(status.ChangedSeconds, status.ChangedNanoseconds));
    }

    /// <summary>
    /// False if the file changed so recently (or in the future) that another change could have the same time: an equal stamp then proves
    /// nothing.
    /// </summary>
    /// <param name="now">When the stamp was taken, UTC.</param>
    public bool IsSettled(DateTime now)
    {
        var before = (now - Resolution - DateTime.UnixEpoch).Ticks * NanosecondsPerTick;
        return Modified < before && Changed < before;
    }

    private static long Nanoseconds(long seconds, uint nanoseconds) => unchecked((seconds * NanosecondsPerSecond) + nanoseconds);

    [LibraryImport(LibC.Name, EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int directory, string path, int flags, uint mask, Status* status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
