using CsCheck;
using Mandos.Core.Secrets;

namespace Mandos.Core.Tests.Secrets;

/// <summary>Locked memory for many secrets.</summary>
public sealed unsafe class SecretArenaTests
{
    private readonly SecretArena _arena = new();

    [Fact]
    public void Slots_never_overlap_start_zeroed_and_keep_their_content_until_released() =>
        Gen.Select(Gen.Int[0, SecretArena.Longest], Gen.Int[0, 99]).Array[1, 300].Sample(steps =>
        {
            var taken = new List<(nint Slot, SecretSlab Slab, byte Mark)>();
            foreach (var (capacity, choice) in steps)
            {
                if (choice < 40 && taken.Count > 0)
                    GiveBack(taken, choice % taken.Count);
                else
                    Take(taken, capacity, (byte)(choice + 1));
            }

            while (taken.Count > 0)
                GiveBack(taken, 0);
        });

    [Fact]
    public void A_slot_is_wiped_when_it_is_released()
    {
        var kept = _arena.Take(100, out var slab);
        var slot = Take(100, "correct horse");
        _arena.GiveBack(slab, slot);
        Assert.Equal(new byte[slab.Capacity], new Span<byte>(slot, slab.Capacity).ToArray());
        _arena.GiveBack(slab, kept);
    }

    [Fact]
    public void The_last_released_slot_is_not_the_next_one_taken()
    {
        var slot = _arena.Take(100, out var slab);
        _arena.GiveBack(slab, slot);
        var next = _arena.Take(100, out var same);
        Assert.Same(slab, same);
        Assert.NotEqual((nint)slot, (nint)next);
        _arena.GiveBack(slab, next);
    }

    [Fact]
    public void A_byte_written_past_a_slot_is_detected_on_release()
    {
        var slab = SecretSlab.Map(64, 1);
        var whole = slab.Take();
        var broken = slab.Take();
        broken[slab.Capacity]++;
        Assert.True(slab.GiveBack(whole));
        Assert.False(slab.GiveBack(broken));
        slab.Unmap();
    }

    [Fact]
    public void Every_slot_holds_its_length_and_wastes_at_most_a_fifth_and_one_step()
    {
        for (var length = 0; length <= SecretArena.Longest; length++)
        {
            var slot = _arena.Take(length, out var slab);
            Assert.InRange(
                slab.SlotLength - SecretSlab.GuardLength, length, Math.Max(length + 32, (length + SecretSlab.GuardLength) * 5 / 4));
            Assert.Equal(0, (nint)slot % 16);
            _arena.GiveBack(slab, slot);
        }
    }

    [Fact]
    public void Many_secrets_use_few_mappings_and_release_them()
    {
        const int count = 20_000;
        var before = Mappings();
        var slots = new List<(nint Slot, SecretSlab Slab)>();
        for (var i = 0; i < count; i++)
            slots.Add(((nint)_arena.Take(900, out var slab), slab));
        var during = Mappings();
        Assert.InRange(slots.Select(s => s.Slab).Distinct().Count(), 1, 40);
        foreach (var (slot, slab) in slots)
            _arena.GiveBack(slab, (byte*)slot);

        // Two that cannot be touched beside each; other tests run meanwhile.
        Assert.InRange(during - before, 1, 200);
        Assert.InRange(Mappings(), 0, before + 100);
    }

    [Fact]
    public void The_first_slab_of_a_size_is_as_small_as_possible()
    {
        var slot = _arena.Take(SecretArena.Longest, out var slab);
        Assert.True(slab.IsFull);
        var other = _arena.Take(1000, out var small);
        Assert.NotSame(slab, small);
        _arena.GiveBack(slab, slot);
        _arena.GiveBack(small, other);
    }

    [Fact]
    public void Threads_do_not_get_in_each_others_way() => Parallel.For(0, 8, thread =>
    {
        var random = new Random(thread);
        var taken = new List<(nint Slot, SecretSlab Slab, byte Mark)>();
        for (var i = 0; i < 5000; i++)
        {
            if (taken.Count > 0 && (random.Next(2) == 0 || taken.Count > 50))
                GiveBack(taken, random.Next(taken.Count));
            else
                Take(taken, random.Next(SecretArena.Longest + 1), (byte)(thread + 1));
        }

        while (taken.Count > 0)
            GiveBack(taken, 0);
    });

    private static int Mappings() => File.ReadLines("/proc/self/maps").Count();

    private byte* Take(int capacity, string text)
    {
        var slot = _arena.Take(capacity, out var slab);
        System.Text.Encoding.ASCII.GetBytes(text, new Span<byte>(slot, slab.Capacity));
        return slot;
    }

    private void Take(List<(nint Slot, SecretSlab Slab, byte Mark)> taken, int capacity, byte mark)
    {
        var slot = _arena.Take(capacity, out var slab);
        var bytes = new Span<byte>(slot, slab.Capacity);
        Assert.True(bytes.Length >= capacity);
        Assert.False(bytes.ContainsAnyExcept((byte)0));
        bytes.Fill(mark);
        taken.Add(((nint)slot, slab, mark));
    }

    /// <summary>It was not overwritten meanwhile.</summary>
    private void GiveBack(List<(nint Slot, SecretSlab Slab, byte Mark)> taken, int number)
    {
        var (slot, slab, mark) = taken[number];
        Assert.False(new Span<byte>((byte*)slot, slab.Capacity).ContainsAnyExcept(mark));
        _arena.GiveBack(slab, (byte*)slot);
        taken.RemoveAt(number);
    }
}
