namespace Mandos.Interop.Fleets;

/// <summary>Something that was seen.</summary>
/// <param name="Step">The part of the day.</param>
/// <param name="Who">Where: a machine, a client on the bus, the server, the tool. Only what is seen at one place has an order.</param>
/// <param name="What">It.</param>
internal sealed record FleetEntry(string Step, string Who, string What);

/// <summary>All that was seen on a day.</summary>
internal sealed class FleetJournal
{
    private readonly Lock _lock = new();
    private readonly List<FleetEntry> _entries = [];

    public void Write(string step, string who, string what)
    {
        lock (_lock)
            _entries.Add(new(step, who, what));
    }

    /// <summary>What was seen, by step (in their order) and place.</summary>
    public IReadOnlyList<FleetPage> Pages()
    {
        lock (_lock)
        {
            return
            [
                .. _entries.GroupBy(e => e.Step).SelectMany(step => step.GroupBy(e => e.Who).OrderBy(who => who.Key, StringComparer.Ordinal)
                    .Select(who => new FleetPage(step.Key, who.Key, [.. who.Select(e => e.What)]))),
            ];
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', Pages());
}

/// <summary>What was seen at one place in one step, in order.</summary>
internal sealed record FleetPage(string Step, string Who, IReadOnlyList<string> Lines)
{
    /// <inheritdoc/>
    public override string ToString() => $"== {Step} / {Who}\n{string.Concat(Lines.Select(l => $"   {l}\n"))}";
}
