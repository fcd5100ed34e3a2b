using System.Buffers.Binary;

namespace Mandos.Fuzz;

/// <summary>
/// An input read as a list of steps, for what keeps state: each call takes what it wants from the front; behind the end
/// everything is zero and empty.
/// </summary>
internal ref struct Script(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    internal readonly bool AtEnd => _rest.IsEmpty;

    internal byte Byte()
    {
        if (_rest.IsEmpty)
            return 0;
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    internal ushort Pair() => (ushort)(Byte() | (Byte() << 8));

    /// <summary>A piece with its length before it, in two bytes; what is there of it.</summary>
    internal ReadOnlySpan<byte> Piece() => Take(Pair());

    internal ReadOnlySpan<byte> Take(int most)
    {
        var piece = _rest[..Math.Min(most, _rest.Length)];
        _rest = _rest[piece.Length..];
        return piece;
    }

    /// <summary>How a seed says it.</summary>
    internal static byte[] Step(ReadOnlySpan<byte> head, ReadOnlySpan<byte> piece)
    {
        var step = new byte[head.Length + 2 + piece.Length];
        head.CopyTo(step);
        BinaryPrimitives.WriteUInt16LittleEndian(step.AsSpan(head.Length), (ushort)piece.Length);
        piece.CopyTo(step.AsSpan(head.Length + 2));
        return step;
    }
}
