namespace Mandos.Core.Secrets;

/// <summary>
/// Locked memory for many secrets in few mappings: slabs of slots of equal length, for each of several sizes. The first slab of a size is
/// one page, so that a program with few secrets uses few pages; later slabs double in size, so that a server with very many secrets makes
/// few system calls. Thread-safe.
/// </summary>
internal sealed unsafe class SecretArena
{
    private const int SmallestSlot = 32, LargestSlot = 4096;
    private const int MostPages = 256;

    private readonly Lock _lock = new();
    private readonly Shelf[] _shelves = new Shelf[ShelfOf(LargestSlot) + 1];

    /// <summary>The largest number of bytes in a slot.</summary>
    internal const int Longest = LargestSlot - SecretSlab.GuardLength;

    /// <summary>The arena of this process, because the limit on locked memory applies to the whole process.</summary>
    internal static SecretArena Shared { get; } = new();

    /// <summary>Returns a zeroed slot for at least this many bytes.</summary>
    /// <exception cref="InsufficientMemoryException">The system has no memory left.</exception>
    internal byte* Take(int capacity, out SecretSlab slab)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, Longest);
        var number = ShelfOf(capacity + SecretSlab.GuardLength);
        lock (_lock)
        {
            var shelf = _shelves[number] ??= new Shelf(SlotLength(number));
            slab = shelf.Open ?? shelf.Grow();
            // Locking may succeed now, because other secrets have been wiped.
            if (!slab.IsLocked)
                _ = slab.TryLock();
            var slot = slab.Take();
            if (slab.IsFull)
                shelf.Close(slab);
            return slot;
        }
    }

    /// <summary>Wipes a slot and takes it back.</summary>
    internal void GiveBack(SecretSlab slab, byte* slot)
    {
        lock (_lock)
        {
            var shelf = _shelves[ShelfOf(slab.SlotLength)];
            var wasFull = slab.IsFull;
            // Something wrote past the end of a secret, and might next overwrite another one.
            if (!slab.GiveBack(slot))
                Environment.FailFast("the guard after a secret is overwritten");
            if (wasFull)
                shelf.Reopen(slab);
            if (slab.IsEmpty)
                shelf.Trim(slab);
        }
    }

    internal bool TryLock(SecretSlab slab)
    {
        lock (_lock)
            return slab.TryLock();
    }

    /// <summary>
    /// Returns the size class. There are four classes per doubling, so that at most a fifth is lost: 32, 40… as multiples of 16 from 64 on.
    /// </summary>
    private static int ShelfOf(int length)
    {
        if (length <= SmallestSlot)
            return 0;
        if (length <= 2 * SmallestSlot)
            return (length - SmallestSlot + 15) / 16;
        var doubling = int.Log2(length - 1);
        return (4 * (doubling - 6)) + 3 + ((length - (1 << doubling) - 1) >> (doubling - 2));
    }

    private static int SlotLength(int shelf)
    {
        if (shelf <= 2)
            return SmallestSlot + (16 * shelf);
        var (doubling, step) = (6 + ((shelf - 3) / 4), (shelf - 3) % 4);
        return (1 << doubling) + ((step + 1) << (doubling - 2));
    }

    /// <summary>The slabs of one size with free slots; full slabs are referenced only by their buffers.</summary>
    private sealed class Shelf(int slotLength)
    {
        private readonly List<SecretSlab> _open = [];
        private int _pages = (slotLength + Environment.SystemPageSize - 1) / Environment.SystemPageSize;

        internal SecretSlab? Open => _open.Count > 0 ? _open[^1] : null;

        internal SecretSlab Grow()
        {
            var slab = SecretSlab.Map(slotLength, _pages);
            _pages = Math.Min(2 * _pages, MostPages);
            _open.Add(slab);
            return slab;
        }

        internal void Close(SecretSlab slab) => _open.Remove(slab);

        internal void Reopen(SecretSlab slab) => _open.Add(slab);

        /// <summary>Unmaps an empty slab, unless it is the only one with free slots.</summary>
        internal void Trim(SecretSlab slab)
        {
            if (_open.Count == 1)
                return;
            _open.Remove(slab);
            slab.Unmap();
        }
    }
}
