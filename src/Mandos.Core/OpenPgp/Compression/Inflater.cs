using System.Buffers.Binary;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Compression;

/// <summary>How decompression ended.</summary>
internal enum InflateResult
{
    /// <summary>All of the input was valid and was consumed.</summary>
    Whole,

    /// <summary>The input is incomplete, is not compressed data or is followed by other data.</summary>
    Damaged,

    /// <summary>The output exceeds its limit, or the work exceeds the budget of the message.</summary>
    TooLarge,
}

/// <summary>
/// Decompresses deflate (RFC 1951) and zlib (RFC 1950) data from memory to memory. The output may be a password: libraries keep up to 32
/// KiB of it in a window on the managed heap, whereas here the output in locked memory is the only copy.
/// </summary>
internal ref struct Inflater(ReadOnlySpan<byte> input, GrowingBuffer output, MessageBudget budget)
{
    private const int EndOfBlock = 256;
    private const int MaxLiteralCodes = 286, MaxDistanceCodes = 30;
    private const int AdlerLength = 4;

    private readonly ReadOnlySpan<byte> _input = input;
    private readonly GrowingBuffer _output = output;
    private readonly MessageBudget _budget = budget;
    private int _position;
    private uint _bits;
    private int _bitCount;
    private bool _short;

    private static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthExtra =>
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<ushort> DistanceBase =>
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
            16385, 24577];

    private static ReadOnlySpan<byte> DistanceExtra =>
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <summary>The order of the lengths of the code for code lengths.</summary>
    private static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Decompresses raw deflate data, which OpenPGP calls ZIP.</summary>
    public InflateResult Inflate()
    {
        var result = InflateBlocks();
        return result == InflateResult.Whole && _position != _input.Length ? InflateResult.Damaged : result;
    }

    /// <summary>Decompresses deflate data between a header of two octets and a checksum of the output (Adler-32).</summary>
    public InflateResult InflateZlib()
    {
        const int deflateMethod = 8, presetDictionary = 0x20;
        if (_input is not [var method, var flags, ..] || (method & 0x0f) != deflateMethod
            || ((method << 8) | flags) % 31 != 0 || (flags & presetDictionary) != 0)
        {
            return InflateResult.Damaged;
        }

        _position = 2;
        var result = InflateBlocks();
        if (result != InflateResult.Whole)
            return result;
        return _input.Length - _position == AdlerLength
            && BinaryPrimitives.ReadUInt32BigEndian(_input[_position..]) == Adler32(_output.Span)
            ? InflateResult.Whole
            : InflateResult.Damaged;
    }

    private InflateResult InflateBlocks()
    {
        var result = InflateResult.Whole;
        for (var last = false; !last && result == InflateResult.Whole;)
        {
            if (!_budget.TakeBlock())
                return InflateResult.TooLarge;
            last = Bits(1) == 1;
            result = Bits(2) switch
            {
                0 => CopyStored(),
                1 => InflateFixed(),
                2 => InflateDynamic(),
                _ => InflateResult.Damaged,
            };
            if (_short)
                return InflateResult.Damaged;
        }

        return result;
    }

    private InflateResult CopyStored()
    {
        // The rest of the octet is skipped; at most 7 bits are left.
        _bits = 0;
        _bitCount = 0;
        if (_input.Length - _position < 4)
            return InflateResult.Damaged;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(_input[_position..]);
        var complement = BinaryPrimitives.ReadUInt16LittleEndian(_input[(_position + 2)..]);
        _position += 4;
        if ((length ^ complement) != 0xffff || length > _input.Length - _position)
            return InflateResult.Damaged;
        var stored = _input.Slice(_position, length);
        _position += length;
        return _output.Append(stored) ? InflateResult.Whole : InflateResult.TooLarge;
    }

    private InflateResult InflateFixed()
    {
        Span<byte> lengths = stackalloc byte[288 + MaxDistanceCodes];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..288].Fill(8);
        lengths[288..].Fill(5);
        return InflateCodes(new PrefixCode(lengths[..288]), new PrefixCode(lengths[288..]));
    }

    private InflateResult InflateDynamic()
    {
        var literalCount = (int)Bits(5) + 257;
        var distanceCount = (int)Bits(5) + 1;
        var codeLengthCount = (int)Bits(4) + 4;
        if (literalCount > MaxLiteralCodes || distanceCount > MaxDistanceCodes)
            return InflateResult.Damaged;

        Span<byte> codeLengths = stackalloc byte[19];
        codeLengths.Clear();
        foreach (var symbol in CodeLengthOrder[..codeLengthCount])
            codeLengths[symbol] = (byte)Bits(3);
        var codeOfLengths = new PrefixCode(codeLengths);

        Span<byte> lengths = stackalloc byte[MaxLiteralCodes + MaxDistanceCodes];
        lengths = lengths[..(literalCount + distanceCount)];
        if (!codeOfLengths.IsComplete || !ReadLengths(codeOfLengths, lengths) || lengths[EndOfBlock] == 0)
            return InflateResult.Damaged;
        var literals = new PrefixCode(lengths[..literalCount]);
        var distances = new PrefixCode(lengths[literalCount..]);
        // A lone code may be one bit long and leave the other bit unused.
        return (literals.IsComplete || literals.IsLone) && (distances.IsComplete || distances.IsLone || distances.IsEmpty)
            ? InflateCodes(literals, distances)
            : InflateResult.Damaged;
    }

    private bool ReadLengths(PrefixCode code, scoped Span<byte> lengths)
    {
        for (var i = 0; i < lengths.Length;)
        {
            var symbol = Symbol(code);
            if (symbol is < 0 or > 18)
                return false;
            if (symbol < 16)
            {
                lengths[i++] = (byte)symbol;
                continue;
            }

            if (symbol == 16 && i == 0)
                return false;
            var value = symbol == 16 ? lengths[i - 1] : (byte)0;
            var count = (int)(symbol switch { 16 => 3 + Bits(2), 17 => 3 + Bits(3), _ => 11 + Bits(7) });
            if (count > lengths.Length - i)
                return false;
            lengths.Slice(i, count).Fill(value);
            i += count;
        }

        return true;
    }

    private InflateResult InflateCodes(PrefixCode literals, PrefixCode distances)
    {
        while (true)
        {
            var symbol = Symbol(literals);
            if (symbol == EndOfBlock)
                return InflateResult.Whole;
            if (symbol is < 0 or >= MaxLiteralCodes)
                return InflateResult.Damaged;
            if (symbol < EndOfBlock)
            {
                if (!_output.Append((byte)symbol))
                    return InflateResult.TooLarge;
                continue;
            }

            var length = LengthBase[symbol - 257] + (int)Bits(LengthExtra[symbol - 257]);
            var distanceSymbol = Symbol(distances);
            if (distanceSymbol is < 0 or >= MaxDistanceCodes)
                return InflateResult.Damaged;
            var distance = DistanceBase[distanceSymbol] + (int)Bits(DistanceExtra[distanceSymbol]);
            if (_short || distance > _output.Length)
                return InflateResult.Damaged;
            if (!_output.Repeat(distance, length))
                return InflateResult.TooLarge;
        }
    }

    /// <summary>Reads the next symbol; negative at the end of the input and for bits without a symbol.</summary>
    private int Symbol(PrefixCode code)
    {
        var walk = PrefixCode.Start();
        for (var length = 1; length <= PrefixCode.MaxLength && !_short; length++)
        {
            if (code.Step(ref walk, (int)Bits(1), length) is >= 0 and var symbol)
                return _short ? -1 : symbol;
        }

        return -1;
    }

    private uint Bits(int count)
    {
        while (_bitCount < count)
        {
            if (_position == _input.Length)
            {
                _short = true;
                return 0;
            }

            _bits |= (uint)_input[_position++] << _bitCount;
            _bitCount += 8;
        }

        var value = _bits & ((1u << count) - 1);
        _bits >>= count;
        _bitCount -= count;
        return value;
    }

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        const uint prime = 65521;
        uint a = 1, b = 0;
        foreach (var value in bytes)
        {
            a = (a + value) % prime;
            b = (b + a) % prime;
        }

        return (b << 16) | a;
    }
}
