using System.Buffers.Binary;

namespace Mandos.Core.OpenPgp.Packets;

/// <summary>
/// Splits a sequence of packets (RFC 9580 section 4). Partial bodies are joined in place, so the bytes belong to
/// the reader from now on.
/// </summary>
/// <remarks>
/// <code>
/// new:  11tttttt  length (1, 2 or 5 octets)  body
/// new:  11tttttt  111eeeee  2^e octets of body  ...  last length  rest of the body
/// old:  10ttttll  length (1, 2, 4 octets, or none: up to the end)  body
/// </code>
/// </remarks>
internal ref struct PacketReader(Span<byte> bytes, MessageBudget? budget = null)
{
    private readonly MessageBudget? _budget = budget;
    private Span<byte> _left = bytes;

    /// <summary>The type of the current packet.</summary>
    public PacketTag Tag { get; private set; }

    /// <summary>The content of the current packet.</summary>
    public Span<byte> Body { get; private set; }

    /// <summary>Whether <see cref="Next"/> returned false because the rest is not a packet, or is one too many.</summary>
    public bool Failed { get; private set; }

    /// <summary>How many bytes are missing at least, if the last packet was incomplete; otherwise 0.</summary>
    public long Missing { get; private set; }

    /// <summary>Advances to the next relevant packet; false at the end and at the first invalid byte.</summary>
    public bool Next()
    {
        while (!Failed && !_left.IsEmpty)
        {
            if (_budget?.TakePacket() == false || !ReadPacket())
                Failed = true;
            else if (!IsFiller(Tag))
                return true;
        }

        return false;
    }

    /// <summary>Whether the packet is to be ignored: marker, padding, and unknown packets of types from 40 on (section 4.3).</summary>
    private static bool IsFiller(PacketTag tag) => tag is PacketTag.Marker or PacketTag.Padding || (byte)tag >= 40;

    private bool ReadPacket()
    {
        var header = _left[0];
        _left = _left[1..];
        if ((header & 0x80) == 0)
            return false;
        return (header & 0x40) != 0 ? ReadNewFormat((PacketTag)(header & 0x3f)) : ReadOldFormat(header);
    }

    private bool ReadOldFormat(byte header)
    {
        Tag = (PacketTag)((header >> 2) & 0x0f);
        return Tag != 0 && (header & 3) switch
        {
            0 => TakeLength(1, out var length) && TakeBody(length),
            1 => TakeLength(2, out var length) && TakeBody(length),
            2 => TakeLength(4, out var length) && TakeBody(length),
            _ => MayBePartial(Tag) && TakeBody((uint)_left.Length),
        };
    }

    private bool ReadNewFormat(PacketTag tag)
    {
        Tag = tag;
        if (tag == 0 || !TakeNewLength(out var length, out var partial))
            return false;
        if (!partial)
            return TakeBody(length);
        return MayBePartial(tag) && JoinParts(length);
    }

    private bool JoinParts(uint firstLength)
    {
        var whole = _left;
        if (!TakeBody(firstLength))
            return false;
        var joined = Body.Length;
        for (var partial = true; partial;)
        {
            if (!TakeNewLength(out var length, out partial) || !TakeBody(length))
                return false;
            Body.CopyTo(whole[joined..]);
            joined += Body.Length;
        }

        Body = whole[..joined];
        return true;
    }

    private static bool MayBePartial(PacketTag tag) => tag is PacketTag.Literal or PacketTag.Compressed or PacketTag.Encrypted
        or PacketTag.IntegrityProtected or PacketTag.AeadEncrypted;

    private bool TakeNewLength(out uint length, out bool partial)
    {
        partial = false;
        if (!TakeLength(1, out length))
            return false;
        if (length < 192)
            return true;
        if (length == 255)
            return TakeLength(4, out length);
        partial = length >= 224;
        if (partial)
        {
            length = 1u << (int)(length & 0x1f);
            return true;
        }

        var high = length - 192;
        if (!TakeLength(1, out length))
            return false;
        length += (high << 8) + 192;
        return true;
    }

    private bool TakeLength(int octets, out uint length)
    {
        length = 0;
        if (_left.Length < octets)
        {
            Missing = octets - _left.Length;
            return false;
        }

        length = octets switch
        {
            1 => _left[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(_left),
            _ => BinaryPrimitives.ReadUInt32BigEndian(_left),
        };
        _left = _left[octets..];
        return true;
    }

    private bool TakeBody(uint length)
    {
        if (length > (uint)_left.Length)
        {
            Missing = length - _left.Length;
            return false;
        }

        Body = _left[..(int)length];
        _left = _left[(int)length..];
        return true;
    }
}
