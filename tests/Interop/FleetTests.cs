namespace Mandos.Interop;

/// <summary>One day of a fleet, with the original's server and with ours.</summary>
public sealed class FleetTests : InteropTest
{
    /// <summary>Proves the script itself: what it writes down does not depend on chance.</summary>
    [Fact(Explicit = true)]
    public async Task Two_days_with_the_originals_server_are_the_same()
    {
        var members = await FleetMember.AllAsync(Lab);
        var first = await FleetDay.RunAsync(Lab, Implementation.Original, members);
        Lab.Log(first.ToString());
        await File.WriteAllTextAsync("/tmp/fleet-lab/day1", first.ToString(), Token);
        var second = await FleetDay.RunAsync(Lab, Implementation.Original, members);
        await File.WriteAllTextAsync("/tmp/fleet-lab/day2", second.ToString(), Token);
        Assert.Equal(first.ToString(), second.ToString());
    }
}
