using System.Text.RegularExpressions;

namespace Mandos.Interop.Clients;

/// <summary>
/// Our responder and browser with Makaretu.Dns.Multicast, a third implementation of multicast DNS. Its publisher has bad manners: it does
/// not probe, keeps its name, sets no cache-flush bit, and sends with hop limit 1 unless changed.
/// </summary>
public sealed class MakaretuTests : InteropTest
{
    private const int Full = 255, AsItIs = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_Makaretu_browser_finds_and_resolves_our_server_and_notices_when_it_stops()
    {
        var segment = await Lab.SwitchAsync();
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment);
        var browse = MakaretuPeer.Browse(await Lab.MachineOfHostAsync("peer", segment));
        var server = await StartOursAsync(machine);

        var address = await Switch.LinkLocalAddressAsync(machine, "eth0", Token);
        foreach (var line
            in new[] { "+ Mandos._mandos._tcp.local", "= Mandos._mandos._tcp.local at server.local:8888", $"= server.local has {address}" })
            Assert.Equal(line, await browse.WaitForLineAsync($"^{Regex.Escape(line)}$", Patience, Token));
        server.Process.Signal("TERM");
        await browse.WaitForLineAsync(@"^- Mandos\._mandos\._tcp\.local$", Patience, Token);
    }

    [Fact]
    public async Task A_Makaretu_browser_that_starts_late_gets_an_answer_from_our_server()
    {
        var segment = await Lab.SwitchAsync();
        var observer = await AvahiObserverAsync(segment);
        await StartOursAsync(await Lab.MachineAsync("server", DebianRelease.Bookworm, segment));
        await observer.WaitForLineAsync("^=;.*;server.local;", Patience, Token);

        var browse = MakaretuPeer.Browse(await Lab.MachineOfHostAsync("peer", segment));
        await browse.WaitForLineAsync("^= .* at server.local:8888$", Patience, Token);
    }

    [Theory]
    [InlineData("ours", Full)]
    public async Task A_client_finds_a_server_that_only_Makaretu_announces(string client, int hopLimit)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Trixie, DebianRelease.Trixie, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        var peer = await Lab.MachineOfHostAsync("peer", pair.Segment);
        await MakaretuPeer.PublishAsync(
            peer, "Mandos", 8888, await Switch.LinkLocalAddressAsync(pair.Server, "eth0", Token), hopLimit, Token);

        var done = await MandosClient.RunAsync(
            pair.Client, client == "ours" ? Implementation.Ours : Implementation.Original, Token, "--interface=eth0");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    [Theory]
    [InlineData("before", "original", Full)]
    [InlineData("before", "ours", AsItIs)]
    [InlineData("after", "original", AsItIs)]
    [InlineData("after", "ours", Full)]
    public async Task When_another_service_has_our_name_our_server_takes_the_next_one_and_serves_the_password(
        string when, string client, int hopLimit)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var observer = await AvahiObserverAsync(pair.Segment);
        var peer = await Lab.MachineOfHostAsync("peer", pair.Segment);
        // Nothing listens there: a client that tries it is refused and goes on.
        var address = await Switch.LinkLocalAddressAsync(peer, "eth0", Token);
        if (when == "before")
            await MakaretuPeer.PublishAsync(peer, "Mandos", 4711, address, hopLimit, Token);
        await pair.ServeAsync(Implementation.Ours, Password.Plain, options => options with { Zeroconf = true }, Token);
        if (when == "after")
        {
            await observer.WaitForLineAsync("^=;.*;Mandos;.*;server.local;", Patience, Token);
            await MakaretuPeer.PublishAsync(peer, "Mandos", 4711, address, hopLimit, Token);
        }

        await observer.WaitForLineAsync(@"^=;.*;Mandos\\032\\0352;.*;server.local;.*;8888;", Patience, Token);
        var done = await MandosClient.RunAsync(
            pair.Client, client == "ours" ? Implementation.Ours : Implementation.Original, Token, "--interface=eth0");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    [Fact]
    public async Task When_a_peer_takes_the_name_from_avahi_our_server_takes_the_next_one_and_serves_the_password()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await SystemBus.StartAvahiAsync(pair.Server, Token);
        var observer = await AvahiObserverAsync(pair.Segment);
        var peer = await Lab.MachineOfHostAsync("peer", pair.Segment);
        await pair.ServeAsync(Implementation.Ours, Password.Plain, options => options with { Zeroconf = true }, Token);
        await observer.WaitForLineAsync("^=;.*;Mandos;.*;server.local;", Patience, Token);
        await MakaretuPeer.PublishAsync(peer, "Mandos", 4711, await Switch.LinkLocalAddressAsync(peer, "eth0", Token), AsItIs, Token);

        await observer.WaitForLineAsync(@"^=;.*;Mandos\\032\\0352;.*;server.local;.*;8888;", Patience, Token);
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, "--interface=eth0");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    private async Task<RunningProcess> AvahiObserverAsync(Switch segment)
    {
        var observer = await Lab.MachineAsync("observer", DebianRelease.Bookworm, segment);
        await SystemBus.StartAvahiAsync(observer, Token);
        return Avahi.Browse(observer);
    }

    private static Task<MandosServer> StartOursAsync(Machine machine) =>
        MandosServer.StartAsync(
            machine, Implementation.Ours, new() { Clients = Stanza.Make("other", new string('a', 64), [1]), Zeroconf = true }, Token);
}
