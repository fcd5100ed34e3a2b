namespace Mandos.Interop.Clients;

/// <summary>Our client with a server of Debian's that has nothing for it: it prints nothing and asks again.</summary>
public sealed class RefusalTests : InteropTest
{
    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(r => r.Suite)];

    [Theory, MemberData(nameof(Releases))]
    public async Task The_client_retries_when_the_server_does_not_know_it(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Bookworm, "Curve25519");
        var other = await KeySet.OfOursAsync(pair.Client, Token);
        await AsksAgainAsync(pair, Stanza.Make("another", other.KeyId, "not for this one"u8.ToArray()));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_client_retries_when_it_is_disabled_on_the_server(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Bookworm, "Curve25519");
        await AsksAgainAsync(pair, await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token) + "\nenabled = False\n");
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_client_retries_after_a_message_for_another_OpenPGP_key(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Bookworm, "Curve25519");
        var other = await KeySet.OfOursAsync(pair.Client, Token);
        var secret = Stanza.Secret(await other.StanzaAsync(pair.Client, Password.Plain, Token));
        await AsksAgainAsync(pair, Stanza.Make("client", pair.Keys.KeyId, secret));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_client_retries_when_the_secret_is_not_an_OpenPGP_message(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Bookworm, "Curve25519");
        await AsksAgainAsync(pair, Stanza.Make("client", pair.Keys.KeyId, "the password in the clear"u8.ToArray()));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_client_retries_after_a_damaged_message(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Bookworm, "Curve25519");
        var secret = Stanza.Secret(await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token));
        secret[^5] ^= 1;
        await AsksAgainAsync(pair, Stanza.Make("client", pair.Keys.KeyId, secret));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_client_retries_after_a_truncated_message(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Bookworm, "Curve25519");
        var secret = Stanza.Secret(await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token));
        await AsksAgainAsync(pair, Stanza.Make("client", pair.Keys.KeyId, secret[..(secret.Length / 2)]));
    }

    private async Task AsksAgainAsync(Pair pair, string clients)
    {
        await MandosServer.StartAsync(pair.Server, Implementation.Original, new() { Clients = clients }, Token);
        var log = pair.Server.Running("log-sink.py");
        await using var client = MandosClient.Start(pair.Client, Implementation.Ours, $"--connect={Pair.ServerIPv4}:8888", "--retry=0.3");
        for (var asked = 0; asked < 2; asked++)
            await log.WaitForLineAsync("TCP connection from", TimeSpan.FromSeconds(20), Token);
        client.Signal("TERM");
        var done = await client.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Empty(done.Output);
        Assert.Equal(128 + 15, done.ExitCode);
    }
}
