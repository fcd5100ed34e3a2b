using System.Buffers.Text;

namespace Mandos.Keygen.Images;

/// <summary>
/// The header of a file in an archive of the "new" format of cpio (Documentation/driver-api/early-userspace/buffer-format.rst of the
/// kernel): <c>070701</c> or <c>070702</c>, then 13 fields of 8 hexadecimal digits.
/// <code>
///   0      6    14    22   30   38     46     54        62      70      78      86      94        102    110
///   | magic| ino| mode| uid| gid| nlink| mtime| filesize| devmaj| devmin| rdevmaj rdevmin| namesize| check| name NUL, padded to 4
/// </code>
/// </summary>
internal readonly record struct CpioHeader(
    uint Inode, uint Mode, uint Owner, uint Group, uint Links, uint Size, ulong Device, int NameSize)
{
    /// <summary>The size of the header, without the name.</summary>
    internal const int Length = 110;

    private const int Magic = 6, Field = 8, Fields = 13;

    /// <summary>Whether an archive begins here.</summary>
    internal static bool IsOne(ReadOnlySpan<byte> bytes) => bytes.StartsWith("070701"u8) || bytes.StartsWith("070702"u8);

    /// <summary>Parses a header; null if it is invalid.</summary>
    internal static CpioHeader? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length || !IsOne(bytes))
            return null;
        Span<uint> fields = stackalloc uint[Fields];
        for (var i = 0; i < Fields; i++)
        {
            if (!Utf8Parser.TryParse(bytes.Slice(Magic + (i * Field), Field), out fields[i], out var used, 'x') || used != Field)
                return null;
        }

        return fields[11] is 0 or > ImageLimits.Name
            ? null
            : new(
                fields[0], fields[1], fields[2], fields[3], fields[4], fields[6], ((ulong)fields[7] << 32) | fields[8], (int)fields[11]);
    }
}
