using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Netlink;

/// <summary>
/// Iterates over the messages of one netlink datagram (netlink(7)); numbers are in host byte order:
/// <code>
///  0               4       6       8               12              16
///  +---------------+-------+-------+---------------+---------------+----------- - -
///  | length        | type  | flags | sequence      | port          | payload, padded to 4
///  +---------------+-------+-------+---------------+---------------+----------- - -
/// </code>
/// An invalid length ends the iteration; nothing throws.
/// </summary>
public ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    internal const int HeaderLength = 16;
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>Whether the iteration ended at an invalid message.</summary>
    public bool Malformed { get; private set; }

    /// <summary>nlmsg_type of the current message.</summary>
    public ushort Type { get; private set; }

    /// <summary>nlmsg_flags of the current message.</summary>
    public ushort Flags { get; private set; }

    /// <summary>nlmsg_seq of the current message: 0 for events, otherwise that of the request that it answers.</summary>
    public uint Sequence { get; private set; }

    /// <summary>The current message without its header.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>Advances to the next message; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty || Malformed)
            return false;
        if (_rest.Length < HeaderLength
            || MemoryMarshal.Read<uint>(_rest) is var length
            && (length < HeaderLength || length > _rest.Length))
        {
            Malformed = true;
            return false;
        }
        Type = MemoryMarshal.Read<ushort>(_rest[4..]);
        Flags = MemoryMarshal.Read<ushort>(_rest[6..]);
        Sequence = MemoryMarshal.Read<uint>(_rest[8..]);
        Payload = _rest[HeaderLength..(int)length];
        _rest = _rest[Math.Min(_rest.Length, Align((int)length))..];
        return true;
    }

    /// <summary>NLMSG_ERROR: the error of a refused request, 0 for an acknowledgement.</summary>
    internal readonly Errno Error =>
        Payload.Length >= 4 ? new Errno(-MemoryMarshal.Read<int>(Payload)) : new Errno(LibC.EINVAL);

    internal static int Align(int length) => (length + 3) & ~3;
}
