namespace Mandos.Interop.Servers;

/// <summary>Our server with Debian's client, which waits while an operator can approve.</summary>
public sealed class HeldConnectionTests : InteropTest
{
    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(r => r.Suite)];

    /// <summary>The original's client ends a delivery as it should: what it got counts as given.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task A_secret_that_the_client_received_counts_as_delivered(string release)
    {
        var (pair, server) = await ServeAsync(DebianRelease.Named(release), "");
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Original, Token, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        await server.Process.WaitForLineAsync(
            @": 10\.1\.0\.2: client \[client\], key_id [0-9a-f]{64}: secret delivered$", TimeSpan.FromSeconds(10), Token);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_client_waits_for_the_default_and_gets_its_password(string release)
    {
        var (pair, server) = await ServeAsync(DebianRelease.Named(release), "approval_delay = PT3S\n");
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Original, Token, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.True(done.Elapsed > TimeSpan.FromSeconds(3), "it was not held");
        await server.Process.WaitForLineAsync("secret delivered$", TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task Without_approval_the_client_gets_nothing_and_asks_again()
    {
        var (pair, server) = await ServeAsync(DebianRelease.Bookworm, "approval_delay = PT1S\napproved_by_default = False\n");
        await using var client = MandosClient.Start(pair.Client, Implementation.Original, $"--connect={Pair.ServerIPv4}:8888", "--retry=1");
        for (var asked = 0; asked < 2; asked++)
            await server.Process.WaitForLineAsync("refused, not approved in time$", TimeSpan.FromSeconds(20), Token);
        client.Signal("TERM");
        Assert.Empty((await client.WaitAsync(TimeSpan.FromSeconds(10), Token)).Output);
    }

    [Fact]
    public async Task The_request_of_a_client_that_is_killed_while_it_waits_is_withdrawn()
    {
        var (pair, server) = await ServeAsync(DebianRelease.Bookworm, "approval_delay = PT1H\n");
        await using var client = MandosClient.Start(pair.Client, Implementation.Original, $"--connect={Pair.ServerIPv4}:8888", "--debug");
        await client.WaitForLineAsync("Establishing TLS session", TimeSpan.FromSeconds(20), Token);
        await server.Process.WaitForLineAsync("TLS 1.3, ", TimeSpan.FromSeconds(20), Token);
        client.Signal("KILL");
        await server.Process.WaitForLineAsync("closed by the client before a decision was made$", TimeSpan.FromSeconds(10), Token);
    }

    private async Task<(Pair Pair, MandosServer Server)> ServeAsync(DebianRelease release, string more)
    {
        var pair = await Pair.MakeAsync(Lab, release, release, "Curve25519");
        var stanza = await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token);
        return (pair, await MandosServer.StartAsync(pair.Server, Implementation.Ours, new() { Clients = $"{stanza}\n{more}" }, Token));
    }
}
