using System.Buffers.Binary;

namespace Mandos.Fuzz.Readers;

/// <summary>Changes TLS records on their way, as the steps of a script say.</summary>
internal sealed class Tampering
{
    private const int HeaderLength = 5;

    private readonly List<(int Direction, int Record, int Action, int At, byte[] Piece)> _steps = [];
    private readonly int[] _records = new int[2];

    internal Tampering(byte[] bytes)
    {
        var script = new Script(bytes);
        while (!script.AtEnd && _steps.Count < 16)
            _steps.Add((script.Byte() & 1, script.Byte() & 15, script.Byte() % 6, script.Byte(), script.Piece().ToArray()));
    }

    internal List<byte[]> With(int direction, byte[] stream)
    {
        var records = new List<byte[]>();
        for (var at = 0; at + HeaderLength <= stream.Length;)
        {
            var length = HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(stream.AsSpan(at + 3));
            records.AddRange(Change(direction, _records[direction]++, stream[at..(at + length)]));
            at += length;
        }

        return records;
    }

    private IEnumerable<byte[]> Change(int direction, int number, byte[] record)
    {
        foreach (var step in _steps.Where(s => s.Direction == direction && s.Record == number))
        {
            var at = Math.Min(step.At, record.Length - 1);
            switch (step.Action)
            {
                case 0 when record.Length > 0:
                    for (var i = 0; i < step.Piece.Length && at + i < record.Length; i++)
                        record[at + i] ^= step.Piece[i];
                    break;
                case 1:
                    record = record[..at];
                    break;
                case 2:
                    yield return record;
                    break;
                case 3:
                    yield break;
                case 4:
                    record = step.Piece;
                    break;
                case 5:
                    yield return step.Piece;
                    break;
            }

            if (record.Length == 0)
                yield break;
        }

        yield return record;
    }
}
