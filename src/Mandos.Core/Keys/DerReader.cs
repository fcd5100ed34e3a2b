namespace Mandos.Core.Keys;

/// <summary>
/// Reads one level of DER (X.690) from a span, without copying: only what the key files need, so that the boot executable needs no general
/// ASN.1 library.
/// </summary>
/// <remarks>
/// <code>
/// +-----+--------+---------+
/// | tag | length | content |   length: 0..127 in one byte, else 0x80 | count and count bytes, no leading zeros
/// +-----+--------+---------+
/// </code>
/// </remarks>
internal ref struct DerReader(ReadOnlySpan<byte> bytes)
{
    internal const byte Integer = 0x02;
    internal const byte BitString = 0x03;
    internal const byte OctetString = 0x04;
    internal const byte Null = 0x05;
    internal const byte ObjectIdentifier = 0x06;
    internal const byte Sequence = 0x30;

    /// <summary>The tag [n] of an explicitly tagged field.</summary>
    internal static byte Context(int number) => (byte)(0xA0 | number);

    private ReadOnlySpan<byte> _rest = bytes;

    internal readonly bool AtEnd => _rest.IsEmpty;

    internal readonly bool NextIs(byte tag) => !_rest.IsEmpty && _rest[0] == tag;

    /// <summary>Returns the content of the next element, which must have this tag.</summary>
    /// <exception cref="KeyFormatException">The tag differs, or the length is not DER or exceeds the data.</exception>
    internal ReadOnlySpan<byte> Read(byte tag)
    {
        if (!NextIs(tag))
            throw new KeyFormatException(_rest.IsEmpty
                ? "the key's DER data ends early"
                : $"the key's DER data has tag {_rest[0]:x2} instead of {tag:x2}");
        var header = Header(out var length);
        var content = _rest.Slice(header, length);
        _rest = _rest[(header + length)..];
        return content;
    }

    /// <summary>Returns the next element, including tag and length, without advancing.</summary>
    /// <exception cref="KeyFormatException">As <see cref="Read"/>.</exception>
    internal readonly ReadOnlySpan<byte> PeekElement(byte tag)
    {
        var after = this;
        after.Read(tag);
        return _rest[..^after._rest.Length];
    }

    /// <summary>A reader for the content of the next element.</summary>
    internal DerReader Enter(byte tag) => new(Read(tag));

    /// <summary>The content of a BIT STRING of whole bytes.</summary>
    internal ReadOnlySpan<byte> ReadBytesOfBits()
    {
        var bits = Read(BitString);
        if (bits.IsEmpty || bits[0] != 0)
            throw new KeyFormatException("the key's bit string does not consist of whole bytes");
        return bits[1..];
    }

    /// <summary>The big-endian bytes of a positive INTEGER, without the sign byte.</summary>
    internal ReadOnlySpan<byte> ReadPositiveInteger()
    {
        var number = Read(Integer);
        if (number.IsEmpty || number[0] >= 0x80)
            throw new KeyFormatException("the key has a number that is not positive");
        return number.Length > 1 && number[0] == 0 ? number[1..] : number;
    }

    /// <summary>Checks that nothing is left.</summary>
    internal readonly void End()
    {
        if (!_rest.IsEmpty)
            throw new KeyFormatException($"the key's DER data has {_rest.Length} extra bytes");
    }

    /// <summary>Returns the length of the tag and length bytes of the next element.</summary>
    private readonly int Header(out int length)
    {
        length = 0;
        if (_rest.Length < 2)
            throw new KeyFormatException("the key's DER data ends early");
        var count = _rest[1] - 0x80;
        if (count < 0)
        {
            length = _rest[1];
            count = 0;
        }
        else
        {
            if (count is 0 or > 3 || _rest.Length < 2 + count || _rest[2] == 0)
                throw new KeyFormatException("the key's DER data has an invalid length");
            foreach (var part in _rest.Slice(2, count))
                length = length << 8 | part;
            if (length < 0x80)
                throw new KeyFormatException("the key's DER data has an invalid length");
        }
        if (length > _rest.Length - 2 - count)
            throw new KeyFormatException("the key's DER data ends early");
        return 2 + count;
    }
}
