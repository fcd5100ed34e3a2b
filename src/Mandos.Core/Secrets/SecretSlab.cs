using System.Numerics;
using System.Runtime.InteropServices;
using Mandos.Core.Linux.Processes;

namespace Mandos.Core.Secrets;

/// <summary>
/// One mapping with slots of equal length, between two inaccessible guard pages; the list of free slots is kept outside it. Not
/// thread-safe.
/// <code>
///   | no access | slot: secret ... guard(8) | slot: secret ... guard(8) | ... | no access |
/// </code>
/// </summary>
internal sealed unsafe class SecretSlab
{
    internal const int GuardLength = sizeof(ulong);

    private const int WordBits = 64;
    private const ulong Guard = 0x9E3779B97F4A7C15;

    private readonly byte* _start;
    private readonly nuint _length;
    private readonly int _count;
    private readonly ulong[] _free;
    private int _used;
    private int _next;

    private SecretSlab(byte* start, nuint length, int slotLength, bool isLocked)
    {
        _start = start;
        _length = length;
        SlotLength = slotLength;
        IsLocked = isLocked;
        _count = (int)(length / (nuint)slotLength);
        _free = new ulong[(_count + WordBits - 1) / WordBits];
        _free.AsSpan().Fill(ulong.MaxValue);
        if (_count % WordBits != 0)
            _free[^1] = (1UL << (_count % WordBits)) - 1;
        for (var i = 0; i < _count; i++)
            GuardOf(Slot(i)) = Guard;
    }

    internal int SlotLength { get; }

    /// <summary>The capacity of a slot in bytes.</summary>
    internal int Capacity => SlotLength - GuardLength;

    /// <summary>False if the memory may be swapped out.</summary>
    internal bool IsLocked { get; private set; }

    internal bool IsFull => _used == _count;

    internal bool IsEmpty => _used == 0;

    /// <summary>Maps a new slab of this many pages; of fewer, if only fewer can be locked.</summary>
    /// <exception cref="InsufficientMemoryException">The system has no memory left.</exception>
    internal static SecretSlab Map(int slotLength, int pages)
    {
        var page = (nuint)Environment.SystemPageSize;
        var least = ((nuint)slotLength + page - 1) / page * page;
        for (var length = (nuint)pages * page; length >= least; length /= 2)
        {
            var start = ProcessMemory.MapGuarded(length);
            if (ProcessMemory.Lock(start, length))
                return new(start, length, slotLength, isLocked: true);
            ProcessMemory.UnmapGuarded(start, length);
        }

        var unlocked = (nuint)pages * page;
        return new(ProcessMemory.MapGuarded(unlocked), unlocked, slotLength, isLocked: false);
    }

    /// <summary>Takes a free, zeroed slot; there must be one. The slot that was returned last is reused last.</summary>
    internal byte* Take()
    {
        for (var i = 0; i <= _free.Length; i++)
        {
            var word = ((_next / WordBits) + i) % _free.Length;
            // In the first word, only the bits after the last slot taken; the whole word again after all others were searched.
            var free = i == 0 ? _free[word] & (ulong.MaxValue << (_next % WordBits)) : _free[word];
            if (free == 0)
                continue;
            var bit = BitOperations.TrailingZeroCount(free);
            _free[word] &= ~(1UL << bit);
            _used++;
            var slot = (word * WordBits) + bit;
            _next = (slot + 1) % _count;
            return Slot(slot);
        }

        throw new InvalidOperationException("the slab is full");
    }

    /// <summary>Wipes a slot; false if something wrote past its end.</summary>
    internal bool GiveBack(byte* slot)
    {
        var isWhole = GuardOf(slot) == Guard;
        NativeMemory.Clear(slot, (nuint)Capacity);
        var number = (int)((nuint)(slot - _start) / (nuint)SlotLength);
        _free[number / WordBits] |= 1UL << (number % WordBits);
        _used--;
        return isWhole;
    }

    internal bool TryLock() => IsLocked = IsLocked || ProcessMemory.Lock(_start, _length);

    /// <summary>Unmaps the pages; all slots must be free.</summary>
    internal void Unmap() => ProcessMemory.UnmapGuarded(_start, _length);

    private byte* Slot(int number) => _start + ((nint)number * SlotLength);

    private ref ulong GuardOf(byte* slot) => ref *(ulong*)(slot + Capacity);
}
