namespace Mandos.Core.Secrets;

/// <summary>
/// Locked memory for many secrets in few mappings: slabs of equal slots, for each of a few sizes. The first slab of a size is
/// one page, so that a program with few secrets has few pages; the next ones double, so that a server with very many makes
/// few system calls. For any number of threads.
/// </summary>
internal sealed unsafe class SecretArena
{
    private const int SmallestSlot = 32, LargestSlot = 4096;
    private const int MostPages = 256;

    private readonly Lock _lock = new();
    private readonly Shelf[] _shelves = new Shelf[ShelfOf(LargestSlot) + 1];

    /// <summary>The most bytes that fit into a slot.</summary>
    internal const int Longest = LargestSlot - SecretSlab.GuardLength;

    /// <summary>The one of this process: how much may be locked is limited for the process as a whole.</summary>
    internal static SecretArena Shared { get; } = new();

    /// <summary>A slot for so many bytes or a few more, all zero.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory.</exception>
    internal byte* Take(int capacity, out SecretSlab slab)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, Longest);
        var number = ShelfOf(capacity + SecretSlab.GuardLength);
        lock (_lock)
        {
            var shelf = _shelves[number] ??= new Shelf(SlotLength(number));
            slab = shelf.Open ?? shelf.Grow();
            // What is wiped now may be what was in the way before.
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
            // Something wrote beyond a secret: into another one, if it goes on.
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

    /// <summary>Four sizes for each doubling, so that at most a fifth is lost: 32, 40… as multiples of 16 from 64 on.</summary>
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

    /// <summary>All slabs of one size that have room; the full ones are known to their buffers.</summary>
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

        /// <summary>One that is empty is kept as long as it is the only one with room.</summary>
        internal void Trim(SecretSlab slab)
        {
            if (_open.Count == 1)
                return;
            _open.Remove(slab);
            slab.Unmap();
        }
    }
}
