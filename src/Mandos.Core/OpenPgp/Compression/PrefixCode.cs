namespace Mandos.Core.OpenPgp.Compression;

/// <summary>
/// A Huffman code as deflate stores it (RFC 1951 section 3.2.2): only by the lengths of its codes, because codes of equal length are in the
/// order of their symbols.
/// </summary>
internal sealed class PrefixCode
{
    public const int MaxLength = 15;

    private readonly ushort[] _countOfLength = new ushort[MaxLength + 1];
    private readonly ushort[] _symbols;
    private readonly int _unused = 1;

    /// <param name="lengths">The code length of each symbol, 0 if it has no code.</param>
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
            // Becomes and stays negative if there are more codes than the bits can distinguish.
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

    /// <summary>Whether every bit sequence has a meaning.</summary>
    public bool IsComplete => _unused == 0;

    /// <summary>Whether there is only one symbol, of one bit.</summary>
    public bool IsLone { get; }

    /// <summary>Whether there is no symbol.</summary>
    public bool IsEmpty { get; }

    /// <summary>The state of reading a code: its value, the first code of this length, and the position of its symbols.</summary>
    internal struct Walk
    {
        public int Code, First, Index;
    }

    /// <summary>The start of a new code.</summary>
    public static Walk Start() => default;

    /// <summary>Reads one more bit.</summary>
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
