using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SharpFuzz.Common;

namespace Mandos.Fuzz.Engine;

/// <summary>
/// What SharpFuzz's instrumentation counts: a byte for each branch (source and destination), up to 255 passes. Branches are
/// told apart by how often they are passed, in eight steps, as AFL does it, so that one more round of a loop is not news.
/// </summary>
internal sealed unsafe class CoverageMap
{
    /// <summary>Bytes of the map that the instrumentation writes to.</summary>
    internal const int Size = 1 << 16;

    // Never freed: finalizers run instrumented code until the process ends.
    private static readonly byte* Counts = (byte*)NativeMemory.AlignedAlloc(Size, 64);
    private readonly byte[] _seen = new byte[Size];

    /// <summary>Before this, instrumented code has nowhere to write.</summary>
    internal static void Attach()
    {
        Trace.SharedMem = Counts;
        Begin();
    }

    /// <summary>Branches passed by any input so far.</summary>
    internal int Branches { get; private set; }

    /// <summary>Forgets the counts of the last input.</summary>
    internal static void Begin()
    {
        NativeMemory.Clear(Counts, Size);
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the last input did something that none before it did; it counts as seen from now on.</summary>
    internal bool HasNews()
    {
        var news = false;
        var counts = new ReadOnlySpan<byte>(Counts, Size);
        for (var at = 0; at < Size; at += Vector256<byte>.Count)
        {
            if (Vector256.Create(counts[at..]) == Vector256<byte>.Zero)
                continue;
            for (var i = at; i < at + Vector256<byte>.Count; i++)
                news |= counts[i] != 0 && Note(i, Step(counts[i]));
        }

        return news;
    }

    private bool Note(int branch, byte step)
    {
        if ((_seen[branch] & step) != 0)
            return false;
        Branches += _seen[branch] == 0 ? 1 : 0;
        _seen[branch] |= step;
        return true;
    }

    /// <summary>One bit for 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, and more passes.</summary>
    private static byte Step(byte count) => count switch
    {
        < 4 => (byte)(1 << (count - 1)),
        < 32 => (byte)(2 << BitOperations.Log2(count)),
        < 128 => 64,
        _ => 128,
    };
}
