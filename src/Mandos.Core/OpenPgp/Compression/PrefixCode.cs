namespace Mandos.Core.OpenPgp.Compression;

/// <summary>
/// A Huffman code as deflate writes it down (RFC 1951 section 3.2.2): by the lengths of its codes alone, since codes of one
/// length follow each other in the order of their symbols.
/// </summary>
internal sealed class PrefixCode
{
    public const int MaxLength = 15;

    private readonly ushort[] _countOfLength = new ushort[MaxLength + 1];
    private readonly ushort[] _symbols;
    private readonly int _unused = 1;

    /// <param name="lengths">For each symbol the length of its code, 0 if it has none.</param>
    public PrefixCode(ReadOnlySpan<byte> lengths)
    {
        foreach (var length in lengths)
            _countOfLength[length]++;
        _symbols = new ushort[lengths.Length];
        IsEmpty = _countOfLength[0] == lengths.Length;
        IsLone = _countOfLength[0] == lengths.Length - 1 && _countOfLength[1] == 1;

        Span<int> next = stackalloc int[MaxLength + 2];
        next.Clear();
        for (var length = 1; length <= MaxLength; length++)
        {
            next[length + 1] = next[length] + _countOfLength[length];
            // Becomes negative, and stays so, if there are more codes than the bits can distinguish.
            _unused = (_unused * 2) - _countOfLength[length];
            if (_unused < 0)
                break;
        }

        if (_unused < 0)
            return;
        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            if (lengths[symbol] != 0)
                _symbols[next[lengths[symbol]]++] = (ushort)symbol;
        }
    }

    /// <summary>Every sequence of bits means something.</summary>
    public bool IsComplete => _unused == 0;

    /// <summary>One symbol of one bit.</summary>
    public bool IsLone { get; }

    /// <summary>No symbol.</summary>
    public bool IsEmpty { get; }

    /// <summary>How far a code was read: its value, the first code of this length, and where its symbols begin.</summary>
    internal struct Walk
    {
        public int Code, First, Index;
    }

    /// <summary>The start of a new code.</summary>
    public static Walk Start() => default;

    /// <summary>Goes one bit on.</summary>
    /// <returns>The symbol if the code is complete at this length, else -1.</returns>
    public int Step(ref Walk walk, int bit, int length)
    {
        walk.Code |= bit;
        var count = _countOfLength[length];
        if (walk.Code - walk.First < count)
            return _symbols[walk.Index + walk.Code - walk.First];
        walk.Index += count;
        walk.First = (walk.First + count) << 1;
        walk.Code <<= 1;
        return -1;
    }
}
