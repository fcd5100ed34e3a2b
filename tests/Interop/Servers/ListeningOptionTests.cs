namespace Mandos.Interop.Servers;

/// <summary>Where our server listens, and by which options; asked by Debian's client.</summary>
public sealed class ListeningOptionTests : InteropTest
{
    [Theory]
    [InlineData("", "both")]
    [InlineData("--no-ipv6", "IPv4")]
    [InlineData("--address=fd00:1::1", "IPv6")]
    [InlineData("--address=::ffff:10.1.0.1", "IPv4")]
    [InlineData("--no-ipv6 --address=10.1.0.1", "IPv4")]
    public async Task The_server_listens_on_the_given_address(string options, string reached)
    {
        var pair = await MakeAsync();
        await ServeAsync(pair, options);
        Assert.Equal(reached, (await ReachesAsync(pair, Pair.ServerIPv4), await ReachesAsync(pair, $"[{Pair.ServerIPv6}]")) switch
        {
            (true, true) => "both",
            (true, false) => "IPv4",
            (false, true) => "IPv6",
            _ => "nothing",
        });
    }

    [Fact]
    public async Task The_server_listens_on_the_given_interface()
    {
        var pair = await MakeAsync();
        var other = await Lab.SwitchAsync("other");
        await other.ConnectAsync(pair.Server, Token, "eth1", "10.2.0.1/24");
        await other.ConnectAsync(pair.Client, Token, "eth1", "10.2.0.2/24");
        await ServeAsync(pair, "--interface=eth1");
        Assert.False(await ReachesAsync(pair, Pair.ServerIPv4));
        Assert.True(await ReachesAsync(pair, "10.2.0.1"));
    }

    [Fact]
    public async Task The_server_listens_on_an_inherited_socket()
    {
        var pair = await MakeAsync();
        const string program = """
            import os, socket, sys
            s = socket.socket(socket.AF_INET6); s.setsockopt(41, 26, 0); s.bind(("::", 8888))
            os.set_inheritable(s.fileno(), True)
            os.execv(sys.argv[1], sys.argv[1:] + [f"--socket={s.fileno()}"])
            """;
        var server = pair.Server.Start(
            new(), "/usr/bin/python3", "-c", program, Implementation.Ours.Server, "--foreground", "--no-zeroconf");
        await pair.Server.WaitForListenerAsync(8888, TimeSpan.FromSeconds(20), Token, server);
        Assert.True(await ReachesAsync(pair, Pair.ServerIPv4));
    }

    /// <summary>systemd-socket-activate binds, and starts the program at the first connection.</summary>
    [Fact]
    public async Task The_server_listens_on_sockets_of_a_service_manager()
    {
        var pair = await MakeAsync();
        var server = pair.Server.Start(
            new(), "/usr/bin/systemd-socket-activate", "--listen=8888", "--listen=10.1.0.1:9999", Implementation.Ours.Server,
            "--no-zeroconf");
        await pair.Server.WaitForListenerAsync(9999, TimeSpan.FromSeconds(20), Token, server);
        Assert.True(await ReachesAsync(pair, Pair.ServerIPv4));
        Assert.True(await ReachesAsync(pair, $"[{Pair.ServerIPv6}]"));
        Assert.True(await ReachesAsync(pair, Pair.ServerIPv4, port: 9999));
        Assert.False(server.HasExited);
    }

    [Fact]
    public async Task The_server_uses_the_given_priority_string()
    {
        var pair = await MakeAsync();
        var server = await ServeAsync(
            pair, "--priority=NONE:+VERS-TLS1.3:+CHACHA20-POLY1305:+AEAD:+GROUP-SECP384R1:+SIGN-ALL:+CTYPE-RAWPK:+COMP-NULL");
        Assert.True(await ReachesAsync(pair, Pair.ServerIPv4));
        await server.Process.WaitForLineAsync("TLS 1.3, CHACHA20_POLY1305_SHA256, secp384r1", TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task Clients_in_clients_d_are_served_too()
    {
        var pair = await MakeAsync();
        pair.Server.WriteFile("/etc/mandos/clients.d/one.conf", await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token), Readable);
        await MandosServer.StartAsync(pair.Server, Implementation.Ours, new() { Clients = "" }, Token);
        Assert.True(await ReachesAsync(pair, Pair.ServerIPv4));
    }

    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;

    private async Task<Pair> MakeAsync()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Trixie, DebianRelease.Bookworm, "Curve25519");
        pair.Server.WriteFile("/etc/mandos/mandos.conf", "", Readable);
        pair.Server.WriteFile("/etc/mandos/clients.conf", await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token), Readable);
        return pair;
    }

    private Task<MandosServer> ServeAsync(Pair pair, string options) =>
        pair.ServeAsync(
            Implementation.Ours, Password.Plain, o => o with { More = [.. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)] },
            Token);

    private static async Task<bool> ReachesAsync(Pair pair, string address, int port = 8888)
    {
        await using var client = MandosClient.Start(pair.Client, Implementation.Original, $"--connect={address}:{port}", "--retry=100");
        return await client.EndWithinAsync(TimeSpan.FromSeconds(10), Token) is { } done
            && done.OrThrow().Output.SequenceEqual(Password.Plain);
    }
}
