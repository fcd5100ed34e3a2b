using Mandos.Core.Exchange;

namespace Mandos.Interop.Servers;

/// <summary>Debian's client beside connections that do the server no good: the original's server keeps it waiting, ours does not.</summary>
public sealed class FloodTests : InteropTest
{
    public static TheoryData<string, int, bool> Floods => new()
    {
        { "silent", 400, false },
        { "silent", 5000, true },
        { "greeting", 1000, true },
        { "garbage", 200, false },
        { "garbage", 500, true },
        { "nonsense", 500, true },
        { "restless", 200, true },
    };

    [Theory, MemberData(nameof(Floods))]
    public async Task Our_server_serves_a_client_during_a_flood(string behaviour, int count, bool fromManyAddresses)
    {
        var pair = await ServeAsync(Implementation.Ours);
        var undisturbed = await FetchAsync(pair);
        await using var flood = await StartAsync(pair, behaviour, count, fromManyAddresses);
        for (var i = 0; i < 3; i++)
        {
            var longer = await FetchAsync(pair) - undisturbed;
            // No connection of the flood had to be given up first for its silence.
            Assert.True(longer < new ExchangeLimits().Greeting, $"it took {longer.TotalSeconds} s longer");
        }
    }

    /// <summary>
    /// What the former is measured against: the flood is one that hurts. Twice the 336 that it takes, and slowly: its backlog of
    /// five loses some of them where the machine is busy (122 of 450 on one).
    /// </summary>
    [Fact]
    public async Task The_originals_server_does_not_serve_a_client_during_a_flood()
    {
        var pair = await ServeAsync(Implementation.Original);
        await using var flood = await StartAsync(pair, "silent", 700, fromManyAddresses: false, pace: 20);
        await using var client = MandosClient.Start(pair.Client, Implementation.Original, $"--connect=[{Pair.ServerIPv6}]:8888");
        Assert.Null(await client.EndWithinAsync(TimeSpan.FromSeconds(10), Token));
    }

    /// <summary>How long Debian's client takes for its password. It gets it by its first attempt: there is no second one in time.</summary>
    private static async Task<TimeSpan> FetchAsync(Pair pair)
    {
        var done = await MandosClient.RunAsync(
            pair.Client, Implementation.Original, Token, $"--connect=[{Pair.ServerIPv6}]:8888", "--retry=1000");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        return done.Elapsed;
    }

    /// <summary>From another machine, so that the client has its own address.</summary>
    private async Task<Flood> StartAsync(Pair pair, string behaviour, int count, bool fromManyAddresses, int pace = 1_000_000)
    {
        var source = await Lab.MachineAsync("flood", DebianRelease.Bookworm, pair.Segment);
        await source.ShellAsync("ip address add fd00:1::3/64 dev eth0 nodad", Token);
        await Flood.RouteAsync(source, "fd00:1::3", pair.Server, Token);
        var flood = await Flood.StartAsync(source, Pair.ServerIPv6, 8888, behaviour, count, Token, fromManyAddresses, pace);
        if (behaviour == "silent")
            Lab.Log($"{await Flood.SettleAsync(pair.Server, 8888, Token)} connections are held");
        return flood;
    }

    private async Task<Pair> ServeAsync(Implementation implementation)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(
            implementation, Password.Plain, options => options with { FileLimit = 1024, More = ["--debuglevel=WARNING"] }, Token);
        return pair;
    }
}
