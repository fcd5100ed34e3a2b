namespace Mandos.Interop.Fleets;

/// <summary>Where two days are not the same: lines of one place in one step that stand in the other day's instead.</summary>
internal sealed record FleetDifference(string Step, string Who, IReadOnlyList<string> Original, IReadOnlyList<string> Ours)
{
    /// <summary>All of two days, as few lines as possible; but for what the original does not have.</summary>
    public static IReadOnlyList<FleetDifference> Between(FleetJournal original, FleetJournal ours)
    {
        var theirs = original.Pages();
        var mine = ours.Pages();
        var places = theirs.Select(p => (p.Step, p.Who)).Concat(mine.Select(p => (p.Step, p.Who))).Distinct()
            .Where(p => !p.Who.StartsWith("beyond ", StringComparison.Ordinal));
        return [.. places.SelectMany(place => Between(place, Lines(theirs, place), Lines(mine, place)))];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"== {Step} / {Who}\n{string.Concat(Original.Select(l => $" - {l}\n"))}{string.Concat(Ours.Select(l => $" + {l}\n"))}";

    private static IReadOnlyList<string> Lines(IReadOnlyList<FleetPage> pages, (string Step, string Who) place) =>
        pages.FirstOrDefault(p => (p.Step, p.Who) == place)?.Lines ?? [];

    private static IEnumerable<FleetDifference> Between(
        (string Step, string Who) place, IReadOnlyList<string> original, IReadOnlyList<string> ours)
    {
        // common[i, j]: the length of the longest sequence that both have from i and j on.
        var common = new int[original.Count + 1, ours.Count + 1];
        for (var i = original.Count - 1; i >= 0; i--)
        {
            for (var j = ours.Count - 1; j >= 0; j--)
                common[i, j] = original[i] == ours[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        List<string> removed = [], added = [];
        for (int i = 0, j = 0; i < original.Count || j < ours.Count;)
        {
            if (i < original.Count && j < ours.Count && original[i] == ours[j])
            {
                if (removed.Count + added.Count > 0)
                    yield return new(place.Step, place.Who, [.. removed], [.. added]);
                removed.Clear();
                added.Clear();
                i++;
                j++;
            }
            else if (j == ours.Count || (i < original.Count && common[i + 1, j] >= common[i, j + 1]))
            {
                removed.Add(original[i++]);
            }
            else
            {
                added.Add(ours[j++]);
            }
        }

        if (removed.Count + added.Count > 0)
            yield return new(place.Step, place.Who, removed, added);
    }
}
