namespace Mandos.Interop.Servers;

/// <summary>Our server announced by the avahi-daemon of its machine, which comes, goes and has its own opinion.</summary>
public sealed class AvahiPublicationTests : InteropTest
{
    private const string ByItself = "by itself", ByAvahi = "by avahi";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Avahi_announces_our_server_and_both_clients_find_it()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Trixie, DebianRelease.Bookworm, "Curve25519");
        await SystemBus.StartAvahiAsync(pair.Server, Token);
        var browse = await ObserverAsync(pair.Segment);
        var server = await pair.ServeAsync(Implementation.Ours, Password.Plain, options => options with { Zeroconf = true }, Token);
        Assert.StartsWith(
            "=;eth0;IPv6;Mandos;_mandos._tcp;local;server.local;", await SeenAsync(browse, "=", "server"), StringComparison.Ordinal);
        Assert.Equal(ByAvahi, await AnnouncedAsync(pair.Server, ByAvahi));
        foreach (var client in new[] { Implementation.Original, Implementation.Ours })
        {
            var done = await MandosClient.RunAsync(pair.Client, client, Token, "--interface=eth0");
            Assert.Equal(Password.Plain, done.OrThrow().Output);
        }

        server.Process.Signal("TERM");
        Assert.Contains(";Mandos;", await browse.WaitForLineAsync("^-;", Patience, Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task The_server_stays_announced_while_avahi_restarts_and_keeps_its_name(string signal)
    {
        var segment = await Lab.SwitchAsync();
        var browse = await ObserverAsync(segment);
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment);
        var avahi = await SystemBus.StartAvahiAsync(machine, Token);
        var server = await StartOursAsync(machine);
        await SeenAsync(browse, "=", "server");
        Assert.Equal(ByAvahi, await AnnouncedAsync(machine, ByAvahi));

        avahi.Signal(signal);
        Assert.Equal(ByItself, await AnnouncedAsync(machine, ByItself));
        Assert.Contains(";Mandos;", await SeenAnewAsync(segment, "second"), StringComparison.Ordinal);
        await machine.ShellAsync("rm -f /run/avahi-daemon/pid", Token);
        await SystemBus.StartAvahiAsync(machine, Token, withBus: false);
        Assert.Equal(ByAvahi, await AnnouncedAsync(machine, ByAvahi));
        Assert.Contains(";Mandos;", await SeenAnewAsync(segment, "third"), StringComparison.Ordinal);
        Assert.DoesNotContain("the name of the service is taken", server.Process.Errors, StringComparison.Ordinal);
        server.Process.Signal("TERM");
        await SeenAsync(browse, "-", "Mandos");
    }

    [Fact]
    public async Task Avahi_takes_over_when_it_starts_later()
    {
        var segment = await Lab.SwitchAsync();
        var browse = await ObserverAsync(segment);
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment);
        var server = await StartOursAsync(machine);
        Assert.Equal(ByItself, await AnnouncedAsync(machine, ByItself));
        await SeenAsync(browse, "=", "server");
        await SystemBus.StartAvahiAsync(machine, Token);

        Assert.Equal(ByAvahi, await AnnouncedAsync(machine, ByAvahi));
        // The own responder has said goodbye, so that no rename is needed.
        Assert.Contains(";Mandos;", await SeenAnewAsync(segment, "second"), StringComparison.Ordinal);
        Assert.DoesNotContain("the name of the service is taken", server.Process.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the same avahi-daemon")]
    [InlineData("another machine")]
    public async Task When_another_service_has_the_name_the_server_takes_the_next_one_and_logs_it(string whose)
    {
        var segment = await Lab.SwitchAsync();
        var browse = await ObserverAsync(segment);
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment);
        await SystemBus.StartAvahiAsync(machine, Token);
        var other = machine;
        if (whose == "another machine")
        {
            other = await Lab.MachineAsync("other", DebianRelease.Bookworm, segment);
            await SystemBus.StartAvahiAsync(other, Token);
        }

        Avahi.Publish(other, "Mandos", 4711);
        await SeenAsync(browse, "=", other.Name);
        var sink = await SystemBus.StartLogSinkAsync(machine, Token);
        await StartOursAsync(machine);

        Assert.Contains(@";Mandos\032\0352;", await browse.WaitForLineAsync(@"^=;.*;8888;", Patience, Token), StringComparison.Ordinal);
        await sink.WaitForLineAsync(@"Mandos \(Mandos #2\) \[\d+\]: INFO: announced by avahi-daemon as 'Mandos #2'", Patience, Token);
    }

    [Fact]
    public async Task The_server_is_announced_again_on_an_interface_that_was_removed_and_comes_back()
    {
        var segment = await Lab.SwitchAsync();
        var browse = await ObserverAsync(segment);
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm);
        await segment.ConnectAsync(machine, Token, "eth1");
        await SystemBus.StartAvahiAsync(machine, Token);
        await StartOursAsync(machine, "--interface=eth1");
        var first = await SeenAsync(browse, "=", "server");
        Assert.Contains(await Switch.LinkLocalAddressAsync(machine, "eth1", Token), first, StringComparison.Ordinal);
        await machine.ShellAsync("ip link delete eth1", Token);
        await segment.ConnectAsync(machine, Token, "eth1");

        var address = await Switch.LinkLocalAddressAsync(machine, "eth1", Token);
        Assert.Contains(address, await SeenAnewAsync(segment, "late"), StringComparison.Ordinal);
        Assert.Equal(ByAvahi, await AnnouncedAsync(machine, ByAvahi));
    }

    [Fact]
    public async Task With_IPv4_only_avahi_announces_the_server_over_IPv4_only()
    {
        var segment = await Lab.SwitchAsync();
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment, "10.1.0.1/24");
        await SystemBus.StartAvahiAsync(machine, Token);
        await StartOursAsync(machine, "--no-ipv6", "--no-dbus");
        var browse = Avahi.Browse(await ObserverMachineAsync(segment, "observer", "10.1.0.9/24"));

        Assert.StartsWith(
            "=;eth0;IPv4;Mandos;_mandos._tcp;local;server.local;10.1.0.1;8888", await SeenAsync(browse, "=", "server"),
            StringComparison.Ordinal);
        Assert.Equal(ByAvahi, await AnnouncedAsync(machine, ByAvahi));
        Assert.Equal("0\n", await machine.ShellAsync("avahi-browse -tp _mandos._tcp | grep -c ';IPv6;' || :", Token));
    }

    private static Task<string> SeenAsync(RunningProcess browse, string happening, string word) =>
        browse.WaitForLineAsync(happening == "-" ? $"^-;.*;{word};" : $"^{happening};.*;{word}.local;", Patience, Token);

    /// <summary>What a machine sees that knows nothing from before.</summary>
    private async Task<string> SeenAnewAsync(Switch segment, string observer) =>
        await SeenAsync(Avahi.Browse(await ObserverMachineAsync(segment, observer)), "=", "server");

    /// <summary>Waits until it is announced so: by itself the server has a socket on the port of multicast DNS.</summary>
    private static async Task<string> AnnouncedAsync(Machine machine, string how)
    {
        var now = "";
        for (var i = 0; i < 600 && now != how; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), Token);
            now = await machine.ShellAsync("ss -Hlunp 'sport = :5353' | grep -q '\"mandos\"' && echo self || echo avahi", Token) == "self\n"
                ? ByItself
                : ByAvahi;
        }

        return now;
    }

    private async Task<RunningProcess> ObserverAsync(Switch segment) => Avahi.Browse(await ObserverMachineAsync(segment, "observer"));

    private async Task<Machine> ObserverMachineAsync(Switch segment, string name, string? address = null)
    {
        var observer = await Lab.MachineAsync(name, DebianRelease.Bookworm, segment, address);
        await SystemBus.StartAvahiAsync(observer, Token);
        return observer;
    }

    private static Task<MandosServer> StartOursAsync(Machine machine, params string[] more) =>
        MandosServer.StartAsync(
            machine, Implementation.Ours,
            new()
            {
                Clients = Stanza.Make("other", new string('a', 64), [1]),
                Zeroconf = true,
                UseIPv6 = !more.Contains("--no-ipv6"),
                More = more
            },
            Token);
}
