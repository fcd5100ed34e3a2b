using System.Buffers.Binary;

namespace Mandos.Core.OpenPgp.Packets;

/// <summary>
/// Reads the fields of one packet body in order. Reading beyond the end yields zeros and empty spans and is remembered, so a parser reads
/// all fields first and then checks <see cref="AtEnd"/> or <see cref="Ok"/> before it uses them.
/// </summary>
internal ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>The maximum size of a number; larger RSA keys would take minutes.</summary>
    private const int MaxNumberBits = 16384;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private bool _failed;

    /// <summary>The number of bytes read.</summary>
    public int Position { get; private set; }

    /// <summary>Whether all fields so far were present.</summary>
    public readonly bool Ok => !_failed;

    /// <summary>Whether all fields were present and nothing is left.</summary>
    public readonly bool AtEnd => Ok && Position == _bytes.Length;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public ushort UInt16() => Take(2) is { Length: 2 } field ? BinaryPrimitives.ReadUInt16BigEndian(field) : (ushort)0;

    public uint UInt32() => Take(4) is { Length: 4 } field ? BinaryPrimitives.ReadUInt32BigEndian(field) : 0;

    public ulong UInt64() => Take(8) is { Length: 8 } field ? BinaryPrimitives.ReadUInt64BigEndian(field) : 0;

    /// <summary>Reads this many bytes.</summary>
    public ReadOnlySpan<byte> Bytes(uint count) => Take(count);

    /// <summary>Reads a field that is preceded by its length in one octet.</summary>
    public ReadOnlySpan<byte> ShortField() => Take(Byte());

    /// <summary>
    /// Reads a multiprecision integer (RFC 9580 section 3.2): two octets with the number of bits, then big-endian octets.
    /// </summary>
    public ReadOnlySpan<byte> Number()
    {
        var bits = UInt16();
        if (bits > MaxNumberBits)
            _failed = true;
        return Take(((uint)bits + 7) / 8);
    }

    /// <summary>Reads everything that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Take((uint)(_bytes.Length - Position));

    /// <summary>Returns what was read since <paramref name="start"/>.</summary>
    public readonly ReadOnlySpan<byte> Since(int start) => _bytes[start..Position];

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (_failed || count > (uint)(_bytes.Length - Position))
        {
            _failed = true;
            return [];
        }

        var field = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return field;
    }
}
