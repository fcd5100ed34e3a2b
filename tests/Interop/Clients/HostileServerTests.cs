using Mandos.Core.Exchange;

namespace Mandos.Interop.Clients;

/// <summary>Servers that stall, lie or flood: alone they get nowhere, and they hold up no good server.</summary>
public sealed class HostileServerTests : InteropTest
{
    public static TheoryData<string> Behaviours =>
        ["silent", "hello", "trickle", "garbage", "plain", "close", "reset", "tls12", "cut", "half", "flood"];

    [Theory, MemberData(nameof(Behaviours))]
    public async Task A_hostile_server_alone_gets_no_password_from_the_client_and_does_not_stop_it(string behaviour)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Trixie, DebianRelease.Trixie, "Curve25519");
        var contacted = await StartAsync(pair, behaviour);
        await using var client = MandosClient.Start(pair.Client, Implementation.Ours, $"--connect={Pair.ServerIPv4}:8888", "--retry=0.3");
        await contacted;
        // Long enough for all that it sends to have arrived.
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        Assert.False(client.HasExited, client.Errors);
        client.Signal("TERM");
        var done = await client.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Empty(done.Output);
        Assert.Equal(128 + 15, done.ExitCode);
    }

    [Theory, MemberData(nameof(Behaviours))]
    public async Task A_hostile_server_tried_first_does_not_delay_a_good_one(string behaviour)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Trixie, DebianRelease.Trixie, "Curve25519");
        await pair.ServeAsync(Implementation.Original, Password.Plain, options => options with { Port = 7777, Zeroconf = true }, Token);
        var contacted = await StartAsync(pair, behaviour);
        var done = await MandosClient.RunAsync(
            pair.Client, Implementation.Ours, Token, $"--server={Pair.ServerIPv4}:8888", "--interface=eth0");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.True(contacted.IsCompletedSuccessfully, "the hostile server was not even tried");
        // The stalled ones never end by themselves, but by this limit, which was not waited for.
        Assert.True(done.Elapsed < new ExchangeLimits().Handshake, $"it took {done.Elapsed.TotalSeconds} s");
    }

    [Fact]
    public async Task Twenty_silent_servers_do_not_hold_up_a_good_one()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Trixie, DebianRelease.Trixie, "Curve25519");
        await pair.ServeAsync(Implementation.Original, Password.Plain, options => options with { Port = 7777, Zeroconf = true }, Token);
        var options = new List<string> { "--interface=eth0" };
        for (var port = 8888; port < 8908; port++)
        {
            await HostileServer.StartAsync(pair.Server, port, "silent", Token);
            options.Add($"--server={Pair.ServerIPv4}:{port}");
        }

        var done = await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, options);
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    /// <summary>They shake hands, and send records without data until the client hangs up; it comes back all the time.</summary>
    [Theory]
    [InlineData("empty records", "sends more than 32 records in a row without data")]
    [InlineData("padding", "bytes of padding with 0 bytes of data")]
    [InlineData("warnings", "sends more than 5 warnings")]
    public async Task The_client_gets_its_password_despite_three_servers_that_send_endlessly(string what, string reason)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Trixie, DebianRelease.Trixie, "Curve25519");
        using var first = EndlessServer.Start(pair.Server.ProcessId, 8888, what);
        using var second = EndlessServer.Start(pair.Server.ProcessId, 8889, what);
        using var third = EndlessServer.Start(pair.Server.ProcessId, 8890, what);
        await using var client = MandosClient.Start(
            pair.Client, Implementation.Ours, "--interface=eth0", "--retry=0.1", $"--server={Pair.ServerIPv4}:8888",
            $"--server={Pair.ServerIPv4}:8889", $"--server={Pair.ServerIPv4}:8890");
        await Task.WhenAll(first.Refused, second.Refused, third.Refused).WaitAsync(TimeSpan.FromSeconds(30), Token);
        await pair.ServeAsync(Implementation.Ours, Password.Plain, options => options with { Port = 7777, Zeroconf = true }, Token);
        var done = await client.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.All(
            new[] { 8888, 8889, 8890 },
            port => Assert.Matches($"warning: server 10\\.1\\.0\\.1:{port}: the peer .*{reason}\n", done.Errors));
    }

    /// <summary>Starts it on port 8888 of the server machine; what is returned ends when a client has come.</summary>
    private static async Task<Task> StartAsync(Pair pair, string behaviour)
    {
        if (behaviour is not ("tls12" or "cut" or "half" or "flood"))
            return (await HostileServer.StartAsync(pair.Server, 8888, behaviour, Token)).WaitForConnectionAsync(Token);

        // These speak TLS: OpenSSL behind the relay. One connection each.
        var password = new byte[65536];
        new Random(1).NextBytes(password);
        var secret = Stanza.Secret(await pair.Keys.StanzaAsync(pair.Client, password, Token));
        var relay = await GreetingRelay.StripAsync(pair.Server, 8888, 9999, Token, cutAfter: behaviour == "cut" ? 20_000 : null);
        var content = behaviour switch
        {
            "half" => secret[..(secret.Length / 2)],
            "flood" => new byte[100_000_000],
            _ => secret,
        };
        OpenSsl.Client(pair.Server, 9999, content, behaviour == "tls12" ? ["-tls1_2"] : ["-tls1_3"]);
        return relay.WaitForLineAsync("^line", TimeSpan.FromSeconds(30), Token);
    }
}
