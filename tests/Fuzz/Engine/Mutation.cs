using System.Buffers.Binary;

namespace Mandos.Fuzz.Engine;

/// <summary>
/// Makes a new input from old ones: flips, cuts, repeats, copies, numbers at the edge of their range, words that the target
/// knows, and pieces of other inputs, several at once (AFL's "havoc" and "splice").
/// </summary>
internal sealed class Mutation(Random random, IReadOnlyList<byte[]> words, int longest)
{
    private static readonly byte[] Telling = [0, 1, 0x3F, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xFE, 0xFF, (byte)'\n', (byte)'%', (byte)'['];
    private static readonly ushort[] TellingPairs = [0, 1, 0xFF, 0x100, 0x3FFF, 0x4000, 0x7FFF, 0x8000, 0xC00C, 0xFFFE, 0xFFFF];
    private static readonly uint[] TellingQuads = [0, 1, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF];

    private readonly List<byte> _bytes = [];

    /// <summary>A changed copy of <paramref name="input"/>; <paramref name="other"/> lends pieces.</summary>
    internal byte[] Of(byte[] input, byte[] other)
    {
        _bytes.Clear();
        _bytes.AddRange(input);
        for (var rounds = 1 << random.Next(5); rounds > 0; rounds--)
            Change(other);
        if (_bytes.Count > longest)
            _bytes.RemoveRange(longest, _bytes.Count - longest);
        return [.. _bytes];
    }

    private void Change(byte[] other)
    {
        var at = random.Next(_bytes.Count + 1);
        var room = _bytes.Count - at;
        switch (random.Next(14))
        {
            case 0 when room > 0:
                _bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when room > 0:
                _bytes[at] = Telling[random.Next(Telling.Length)];
                break;
            case 2 when room > 0:
                _bytes[at] = (byte)random.Next(256);
                break;
            case 3 when room > 0:
                _bytes[at] += (byte)random.Next(-35, 36);
                break;
            case 4 when room >= 2:
                WritePair(at, TellingPairs[random.Next(TellingPairs.Length)]);
                break;
            case 5 when room >= 4:
                WriteQuad(at, TellingQuads[random.Next(TellingQuads.Length)]);
                break;
            case 6 when room >= 2:
                WritePair(at, (ushort)(ReadPair(at) + random.Next(-35, 36)));
                break;
            case 7:
                _bytes.RemoveRange(at, Length(room));
                break;
            case 8:
                _bytes.InsertRange(at, _bytes.GetRange(at, Length(room)));
                break;
            case 9:
                _bytes.RemoveRange(at, room);
                break;
            case 10:
                var from = random.Next(other.Length + 1);
                _bytes.InsertRange(at, other[from..(from + Length(other.Length - from))]);
                break;
            case 11 when words.Count > 0:
                _bytes.InsertRange(at, words[random.Next(words.Count)]);
                break;
            case 12 when words.Count > 0:
                Overwrite(at, words[random.Next(words.Count)]);
                break;
            default:
                _bytes.Insert(at, (byte)random.Next(256));
                break;
        }
    }

    /// <summary>Mostly short, sometimes all of it.</summary>
    private int Length(int most) => Math.Min(most, random.Next(8) == 0 ? random.Next(most + 1) : random.Next(1, 33));

    private void Overwrite(int at, byte[] with)
    {
        for (var i = 0; i < with.Length && at + i < _bytes.Count; i++)
            _bytes[at + i] = with[i];
    }

    // Half of the formats write the low byte first.
    private void WritePair(int at, ushort value) =>
        Overwrite(at, BitConverter.GetBytes(random.Next(2) == 0 ? value : BinaryPrimitives.ReverseEndianness(value)));

    private void WriteQuad(int at, uint value) =>
        Overwrite(at, BitConverter.GetBytes(random.Next(2) == 0 ? value : BinaryPrimitives.ReverseEndianness(value)));

    private ushort ReadPair(int at) => (ushort)(_bytes[at] | (_bytes[at + 1] << 8));
}
