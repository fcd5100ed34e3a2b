using System.Buffers.Binary;
using System.Text;

namespace Mandos.Core.Linux.Files;

/// <summary>
/// Reads what one read(2) from inotify(7) returns: any number of consecutive events, in host byte order.
/// <code>
/// 0        4        8        12       16
/// ┌────────┬────────┬────────┬────────┬─────────────────────┐
/// │ watch  │  mask  │ cookie │ length │ name, filled with 0 │  length bytes
/// └────────┴────────┴────────┴────────┴─────────────────────┘
/// </code>
/// </summary>
internal static class InotifyEvents
{
    internal const uint IN_CLOSE_WRITE = 0x8, IN_MOVED_FROM = 0x40, IN_MOVED_TO = 0x80, IN_DELETE = 0x200;
    internal const uint IN_DELETE_SELF = 0x400, IN_MOVE_SELF = 0x800;
    private const uint IN_Q_OVERFLOW = 0x4000, IN_IGNORED = 0x8000;
    private const int HeaderLength = 16;

    /// <summary>All changes, in their order. What is cut off counts as lost.</summary>
    internal static List<DirectoryChange> Parse(ReadOnlySpan<byte> bytes)
    {
        var changes = new List<DirectoryChange>();
        while (bytes.Length >= HeaderLength)
        {
            var mask = Field(bytes[4..]);
            var length = Field(bytes[12..]);
            if (length > bytes.Length - HeaderLength)
                break;
            if (Kind(mask) is { } kind)
                changes.Add(new DirectoryChange(kind, Name(bytes.Slice(HeaderLength, (int)length))));
            bytes = bytes[(HeaderLength + (int)length)..];
        }

        if (!bytes.IsEmpty)
            changes.Add(new DirectoryChange(DirectoryChangeKind.Overflow, ""));
        return changes;
    }

    private static DirectoryChangeKind? Kind(uint mask)
    {
        if ((mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0)
            return DirectoryChangeKind.FileReady;
        if ((mask & (IN_MOVED_FROM | IN_DELETE)) != 0)
            return DirectoryChangeKind.FileGone;
        if ((mask & IN_Q_OVERFLOW) != 0)
            return DirectoryChangeKind.Overflow;
        return (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0 ? DirectoryChangeKind.DirectoryGone : null;
    }

    private static string Name(ReadOnlySpan<byte> padded)
    {
        var end = padded.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? padded : padded[..end]);
    }

    private static uint Field(ReadOnlySpan<byte> bytes) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
