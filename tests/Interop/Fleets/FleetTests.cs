namespace Mandos.Interop.Fleets;

/// <summary>One day of a fleet, with the original's server and with ours.</summary>
public sealed class FleetTests : InteropTest
{
    [Fact(DisableParallelization = true)]
    public async Task A_day_with_our_server_differs_from_a_day_with_the_original_only_where_intended()
    {
        var members = await FleetMember.AllAsync(Lab);
        var original = await DayAsync(Implementation.Original, members);
        var ours = await DayAsync(Implementation.Ours, members);
        var differences = FleetDifference.Between(original, ours);

        List<FleetDifference> unexplained = [.. differences.Where(d => !FleetDeviations.All.Any(e => e.Explains(d)))];
        Assert.True(unexplained.Count == 0, string.Join('\n', unexplained));
        Assert.All(FleetDeviations.All, e => Assert.Equal((e.Times, e), (differences.Count(e.Explains), e)));
        Assert.All(members, m => Assert.Equal(
            Enumerable.Range(
                1,
                Lines(ours, $"machine {m.Name}").Count(l => l.Contains("got its", StringComparison.Ordinal))).Select(n =>
                    $"SecretsGiven = {n}"),
            Lines(ours, $"beyond {m.Name}").Where(l => l.StartsWith("SecretsGiven", StringComparison.Ordinal))));
    }

    /// <summary>Proves the script itself: what it writes down does not depend on chance.</summary>
    [Fact(DisableParallelization = true, Explicit = true)]
    public async Task Two_days_with_the_originals_server_give_the_same_record()
    {
        var members = await FleetMember.AllAsync(Lab);
        Assert.Empty(FleetDifference.Between(
            await DayAsync(Implementation.Original, members), await DayAsync(Implementation.Original, members)));
    }

    private static IEnumerable<string> Lines(FleetJournal day, string place) =>
        day.Pages().Where(p => p.Who == place).SelectMany(p => p.Lines);

    private async Task<FleetJournal> DayAsync(Implementation implementation, IReadOnlyList<FleetMember> members)
    {
        var day = await FleetDay.RunAsync(Lab, implementation, members);
        // The whole day is in the report, line by line (a report cuts long ones).
        foreach (var line in day.ToString().Split('\n'))
            Lab.Log($"{implementation}: {line}");
        return day;
    }
}
