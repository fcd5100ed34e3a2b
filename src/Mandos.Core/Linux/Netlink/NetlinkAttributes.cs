using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Netlink;

/// <summary>
/// Iterates over the attributes at the end of a netlink message (rtnetlink(7)):
/// <code>
///  0       2       4
///  +-------+-------+------------------ - -
///  | length| type  | value, padded to 4
///  +-------+-------+------------------ - -
/// </code>
/// An invalid length ends the iteration; nothing throws.
/// </summary>
public ref struct NetlinkAttributes(ReadOnlySpan<byte> attributes)
{
    internal const int HeaderLength = 4;

    // The two upper bits of the type mean "nested" and "network byte order".
    private const int TypeMask = 0x3fff;
    private ReadOnlySpan<byte> _rest = attributes;

    /// <summary>The type of the current attribute.</summary>
    public int Type { get; private set; }

    /// <summary>The value of the current attribute.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Advances to the next attribute; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < HeaderLength)
            return false;
        var length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderLength || length > _rest.Length)
            return false;
        Type = MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask;
        Value = _rest[HeaderLength..length];
        _rest = _rest[Math.Min(_rest.Length, NetlinkReader.Align(length))..];
        return true;
    }
}
