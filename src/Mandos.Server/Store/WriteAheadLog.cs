using System.Buffers.Binary;

namespace Mandos.Server.Store;

/// <summary>
/// Checks SQLite's write-ahead log before SQLite uses it (https://www.sqlite.org/fileformat2.html#walformat). SQLite takes the first
/// incomplete frame for the point of a power failure, and silently discards this change and all later ones, which would enable disabled
/// clients again. But each change is on disk before the next one begins, so an incomplete frame that is followed by another change is
/// damage. <see cref="LastChange"/> detects changes that are missing at the end.
/// </summary>
internal static class WriteAheadLog
{
    private const int HeaderLength = 32;
    private const int FrameHeaderLength = 24;
    private const uint Magic = 0x377f0682;

    /// <summary>Whether the log contains a change that was complete once and is damaged now.</summary>
    /// <param name="log">The whole file.</param>
    internal static bool IsDamaged(ReadOnlySpan<byte> log)
    {
        // Less than one frame, a header that never reached the disk, or only the header, complete or not.
        if (log.Length < HeaderLength + FrameHeaderLength || IsZero(log[..HeaderLength]) || IsZero(log[HeaderLength..]))
            return false;
        var magic = Number(log);
        var sum = new Sum(IsBigEndian: (magic & 1) != 0, 0, 0).Over(log[..24]);
        var page = Number(log[8..]);
        if ((magic & ~1u) != Magic || !sum.Is(log[24..]) || page is < 512 or > 65536)
            return true;
        var salt = log.Slice(16, 8);
        var frameLength = FrameHeaderLength + (int)page;
        var rest = log[HeaderLength..];
        for (; rest.Length >= frameLength; rest = rest[frameLength..])
        {
            var next = sum.Over(rest[..8]).Over(rest[FrameHeaderLength..frameLength]);
            if (!IsOf(salt, rest) || !next.Is(rest[16..]))
                break;
            sum = next;
        }

        // Frames of an earlier cycle, with another salt, usually follow the end.
        var ended = false;
        for (; rest.Length >= FrameHeaderLength; rest = rest[Math.Min(frameLength, rest.Length)..])
        {
            if (!IsOf(salt, rest))
                continue;
            if (ended)
                return true;
            // The last frame of a change contains the size of the database.
            ended = Number(rest[4..]) != 0;
        }

        return false;
    }

    /// <summary>
    /// Returns a database with all complete changes of its log, which <see cref="IsDamaged"/> has checked; writes nothing.
    /// </summary>
    internal static byte[] Apply(byte[] database, ReadOnlySpan<byte> log)
    {
        if (log.Length < HeaderLength + FrameHeaderLength || IsZero(log[..HeaderLength]))
            return database;
        var sum = new Sum(IsBigEndian: (Number(log) & 1) != 0, 0, 0).Over(log[..24]);
        var salt = log.Slice(16, 8);
        var page = (int)Number(log[8..]);
        var change = new List<(uint Page, int At)>();
        for (var at = HeaderLength; log.Length - at >= FrameHeaderLength + page; at += FrameHeaderLength + page)
        {
            var frame = log.Slice(at, FrameHeaderLength + page);
            sum = sum.Over(frame[..8]).Over(frame[FrameHeaderLength..]);
            if (!IsOf(salt, frame) || !sum.Is(frame[16..]))
                break;
            change.Add((Number(frame), at + FrameHeaderLength));
            // The last frame of a change contains the size of the database.
            if (Number(frame[4..]) is not 0 and var pages)
            {
                Array.Resize(ref database, checked((int)pages * page));
                foreach (var (number, content) in change.Where(c => c.Page >= 1 && c.Page <= pages))
                    log.Slice(content, page).CopyTo(database.AsSpan((int)(number - 1) * page));
                change.Clear();
            }
        }

        return database;
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);

    private static bool IsOf(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> frame) => frame.Slice(8, 8).SequenceEqual(salt);

    private static uint Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);

    /// <summary>A checksum over the log up to some position.</summary>
    private readonly record struct Sum(bool IsBigEndian, uint First, uint Second)
    {
        internal Sum Over(ReadOnlySpan<byte> bytes)
        {
            var (first, second) = (First, Second);
            for (; bytes.Length >= 8; bytes = bytes[8..])
            {
                first += Word(bytes) + second;
                second += Word(bytes[4..]) + first;
            }

            return this with { First = first, Second = second };
        }

        internal bool Is(ReadOnlySpan<byte> written) => Number(written) == First && Number(written[4..]) == Second;

        private uint Word(ReadOnlySpan<byte> bytes) =>
            IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
