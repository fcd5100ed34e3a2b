using System.Numerics;
using System.Runtime.InteropServices;
using Mandos.Core.Linux.Processes;

namespace Mandos.Core.Secrets;

/// <summary>
/// One mapping with slots of one length, between two pages that cannot be touched; which slots are free is kept outside it.
/// For one thread at a time.
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

    /// <summary>Bytes that fit into a slot.</summary>
    internal int Capacity => SlotLength - GuardLength;

    /// <summary>False if it may be swapped out.</summary>
    internal bool IsLocked { get; private set; }

    internal bool IsFull => _used == _count;

    internal bool IsEmpty => _used == 0;

    /// <summary>Maps a new one of so many pages; of fewer, if only fewer can be locked.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory.</exception>
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

    /// <summary>A slot, all zero; there must be one. What was given back last is taken last.</summary>
    internal byte* Take()
    {
        for (var i = 0; i <= _free.Length; i++)
        {
            var word = ((_next / WordBits) + i) % _free.Length;
            // In the first word those behind the last one only; all of it when everything else was looked at.
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

    /// <summary>Wipes a slot; false if something wrote behind its end.</summary>
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

    /// <summary>Gives the pages back; all slots must be free.</summary>
    internal void Unmap() => ProcessMemory.UnmapGuarded(_start, _length);

    private byte* Slot(int number) => _start + ((nint)number * SlotLength);

    private ref ulong GuardOf(byte* slot) => ref *(ulong*)(slot + Capacity);
}
