namespace Mandos.Fuzz.Engine;

/// <summary>
/// Inputs worth changing: each did something that those before it did not. Small and quick ones, and those that were changed
/// least often, come up more often.
/// </summary>
internal sealed class Corpus(Random random)
{
    private const int Candidates = 4;

    private readonly List<Entry> _entries = [];

    internal int Count => _entries.Count;

    internal void Add(byte[] input, TimeSpan cost) => _entries.Add(new(input, cost));

    /// <summary>The cheapest of a few drawn at random.</summary>
    internal byte[] Next()
    {
        var best = Draw();
        for (var i = 1; i < Candidates; i++)
        {
            var other = Draw();
            best = other.Weight < best.Weight ? other : best;
        }

        best.Changed++;
        return best.Input;
    }

    internal byte[] Any() => Draw().Input;

    private Entry Draw() => _entries[random.Next(_entries.Count)];

    private sealed class Entry(byte[] input, TimeSpan cost)
    {
        internal byte[] Input => input;

        internal int Changed { get; set; }

        internal double Weight => (cost.TotalMicroseconds + 1) * (input.Length + 64) * (Changed + 1);
    }
}
