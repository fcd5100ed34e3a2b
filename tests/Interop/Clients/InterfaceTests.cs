namespace Mandos.Interop.Clients;

/// <summary>Interfaces and routes are as they were before, whatever happens in between.</summary>
public sealed class InterfaceTests : InteropTest
{
    public static TheoryData<string> Routes => ["link-local", "multicast"];

    [Theory, MemberData(nameof(Routes))]
    public async Task An_interface_that_was_down_is_used_and_taken_down_again(string route)
    {
        var (segment, server, client) = await WithInterfaceDownAsync();
        await ServeAsync(server, client, Implementation.Original);
        var done = await MandosClient.RunAsync(client, Implementation.Ours, Token, await OptionsAsync(route, server));
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.False(await IsUpAsync(client, "eth0"));
    }

    [Fact]
    public async Task No_connection_hangs_however_often_the_interface_is_down_at_first()
    {
        const int rounds = 15;
        // The pauses after these are 7.75 s together.
        const int mostFailures = 5;
        var (_, server, client) = await WithInterfaceDownAsync();
        await ServeAsync(server, client, Implementation.Ours);
        // An attempt that fails, at once or after hanging for 10 s, is not followed by another while the test waits.
        string[] options = [.. await OptionsAsync("link-local", server), "--retry=600", "--debug"];
        // With this one, the interface is told to be usable before it has the address that is needed.
        await client.ShellAsync("ip address add 10.1.0.2/24 dev eth0", Token);
        for (var round = 0; round < rounds; round++)
        {
            var done = await MandosClient.RunAsync(client, Implementation.Ours, Token, options);
            Assert.Equal(Password.Plain, done.OrThrow().Output);
            Assert.InRange(done.Errors.Split(":8888: network is unreachable").Length - 1, 0, mostFailures);
            Assert.False(await IsUpAsync(client, "eth0"));
        }
    }

    [Fact]
    public async Task A_server_is_retried_before_the_pause_ends_once_a_route_to_it_appears()
    {
        var segment = await Lab.SwitchAsync();
        var server = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment, "10.1.0.1/24");
        var client = await Lab.MachineAsync("client", DebianRelease.Bookworm, segment, "10.1.0.2/24");
        // No host on the segment has this address.
        await server.ShellAsync("ip address add 10.2.0.1/32 dev lo; sysctl -qw net.ipv4.conf.all.arp_ignore=1", Token);
        await ServeAsync(server, client, Implementation.Ours);
        await using var running = MandosClient.Start(client, Implementation.Ours, "--connect=10.2.0.1:8888", "--retry=600", "--debug");
        await running.WaitForLineAsync("10\\.2\\.0\\.1:8888: no route to host", TimeSpan.FromMinutes(1), Token);
        await client.ShellAsync("ip route add 10.2.0.0/24 via 10.1.0.1", Token);
        Assert.Equal(Password.Plain, (await running.WaitAsync(TimeSpan.FromMinutes(1), Token)).OrThrow().Output);
    }

    [Fact]
    public async Task An_interface_that_was_up_stays_up()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        (await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, $"--connect={Pair.ServerIPv4}:8888")).OrThrow();
        Assert.True(await IsUpAsync(pair.Client, "eth0"));
    }

    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("INT", 2)]
    [InlineData("HUP", 1)]
    public async Task On_a_signal_the_program_undoes_its_changes_and_dies_of_that_signal(string signal, int number)
    {
        var (_, _, client) = await WithInterfaceDownAsync();
        (await KeySet.OfOursAsync(client, Token)).InstallOn(client);
        await using var running = MandosClient.Start(client, Implementation.Ours);
        await UntilAsync(() => IsUpAsync(client, "eth0"));
        running.Signal(signal);
        var done = await running.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal(128 + number, done.ExitCode);
        Assert.Empty(done.Output);
        Assert.False(await IsUpAsync(client, "eth0"));
    }

    [Fact]
    public async Task When_the_network_process_is_killed_repeatedly_the_interface_is_brought_down_and_the_client_fails()
    {
        var (_, _, client) = await WithInterfaceDownAsync();
        (await KeySet.OfOursAsync(client, Token)).InstallOn(client);
        await using var running = MandosClient.Start(client, Implementation.Ours);
        await UntilAsync(() => IsUpAsync(client, "eth0"));
        // Twice starting it again.
        var killed = new HashSet<int>();
        while (killed.Count < 3)
        {
            await UntilAsync(() => Task.FromResult(ProcessTree.Children(running.Inner()).Any(child => !killed.Contains(child))));
            var child = ProcessTree.Children(running.Inner()).First(child => !killed.Contains(child));
            killed.Add(child);
            await Lab.ShellOnHostAsync($"kill -KILL {child}");
        }

        var done = await running.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal(75, done.ExitCode);
        Assert.Empty(done.Output);
        Assert.False(await IsUpAsync(client, "eth0"));
    }

    [Theory]
    [InlineData("eth1", "eth1")]
    [InlineData("eth2,eth0", "eth0 eth2")]
    [InlineData("eth1,none,eth2", "eth1")]
    [InlineData("", "eth0 eth1 eth2")]
    public async Task Only_the_requested_interfaces_are_brought_up(string asked, string up)
    {
        var (segment, _, client) = await WithInterfaceDownAsync();
        await segment.ConnectAsync(client, Token, "eth1", up: false);
        await segment.ConnectAsync(client, Token, "eth2", up: false);
        (await KeySet.OfOursAsync(client, Token)).InstallOn(client);
        await using var running = MandosClient.Start(client, Implementation.Ours, $"--interface={asked}");
        foreach (var name in up.Split(' '))
            await UntilAsync(() => IsUpAsync(client, name));
        await Task.Delay(TimeSpan.FromSeconds(0.3), Token);
        Assert.Equal(up, await InterfacesUpAsync(client));
        running.Signal("TERM");
        await running.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal("", await InterfacesUpAsync(client));
    }

    [Fact]
    public async Task A_missing_preferred_interface_does_not_prevent_unlocking()
    {
        var (_, server, client) = await WithInterfaceDownAsync();
        await ServeAsync(server, client, Implementation.Ours);
        var done = await MandosClient.RunAsync(client, Implementation.Ours, Token, "--prefer-interface=enp9s0");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.Contains(
            "interface \"enp9s0\" did not appear; all usable interfaces are used instead: \"eth0\"", done.Errors, StringComparison.Ordinal);
        Assert.False(await IsUpAsync(client, "eth0"));
    }

    [Theory]
    [InlineData("ip address add 10.9.9.9/24 dev eth0; ip route add default via 10.9.9.1", "default via 10.9.9.1")]
    [InlineData("ip link set eth0 down; sleep 0.2; ip link set eth0 up", "")]
    public async Task An_interface_that_another_process_configured_meanwhile_stays_up_with_its_routes(string configure, string route)
    {
        var (_, _, client) = await WithInterfaceDownAsync();
        (await KeySet.OfOursAsync(client, Token)).InstallOn(client);
        await using var running = MandosClient.Start(client, Implementation.Ours, "--debug");
        await running.WaitForLineAsync("interface \"eth0\" can be used", TimeSpan.FromMinutes(1), Token);
        await client.ShellAsync($"{configure}; sleep 0.5", Token);
        running.Signal("TERM");
        await running.WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.True(await IsUpAsync(client, "eth0"));
        Assert.Contains(route, await client.ShellAsync("ip route", Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("multicast")]
    [InlineData("--connect")]
    public async Task A_server_with_only_a_global_address_is_reached_by_a_temporary_route(string way)
    {
        var segment = await Lab.SwitchAsync();
        var server = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment);
        var client = await Lab.MachineAsync("client", DebianRelease.Bookworm, segment);
        await server.ShellAsync("ip address add fd00:2::1/64 dev eth0 nodad", Token);
        await ServeAsync(server, client, Implementation.Original);
        var before = await client.ShellAsync("ip -6 route; ip route", Token);
        var done = await MandosClient.RunAsync(
            client, Implementation.Ours, Token, way == "multicast" ? [] : ["--connect=[fd00:2::1]:8888"]);
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.Equal(before, await client.ShellAsync("ip -6 route; ip route", Token));
    }

    [Fact]
    public async Task An_interface_that_appears_later_is_used()
    {
        var far = await Lab.SwitchAsync("far");
        var server = await Lab.MachineAsync("server", DebianRelease.Bookworm, far);
        var client = await Lab.MachineAsync("client", DebianRelease.Bookworm, await Lab.SwitchAsync("near"));
        await ServeAsync(server, client, Implementation.Ours);
        await using var running = MandosClient.Start(client, Implementation.Ours);
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        await far.ConnectAsync(client, Token, "eth1", up: false);
        var done = await running.WaitAsync(TimeSpan.FromSeconds(15), Token);
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    [Fact]
    public async Task Without_any_interface_the_client_exits_like_the_original()
    {
        var client = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        (await KeySet.OfOursAsync(client, Token)).InstallOn(client);
        var original = await MandosClient.RunAsync(client, Implementation.Original, Token);
        var ours = await MandosClient.RunAsync(client, Implementation.Ours, Token);
        Assert.Equal(original.ExitCode, ours.ExitCode);
        Assert.Empty(ours.Output);
    }

    private async Task<(Switch Segment, Machine Server, Machine Client)> WithInterfaceDownAsync()
    {
        var segment = await Lab.SwitchAsync();
        var server = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment);
        var client = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        await segment.ConnectAsync(client, Token, up: false, detectDuplicates: true);
        return (segment, server, client);
    }

    private static async Task ServeAsync(Machine server, Machine client, Implementation implementation)
    {
        var keys = await KeySet.OfOursAsync(client, Token);
        keys.InstallOn(client);
        var stanza = await keys.StanzaAsync(client, Password.Plain, Token);
        await MandosServer.StartAsync(server, implementation, new() { Clients = stanza, Zeroconf = true }, Token);
    }

    private static async Task<string[]> OptionsAsync(string route, Machine server) => route == "multicast"
        ? []
        : [$"--connect={await Switch.LinkLocalAddressAsync(server, "eth0", Token)}:8888", "--interface=eth0"];

    private static async Task<bool> IsUpAsync(Machine machine, string name) =>
        (await machine.ShellAsync($"ip -o link show {name}", Token)).Contains(",UP", StringComparison.Ordinal);

    private static async Task<string> InterfacesUpAsync(Machine machine) =>
        (
            await machine.ShellAsync(
                "ip -o link show up | sed 's/^[0-9]*: *\\([^:@]*\\).*/\\1/' | sed '/^lo$/d' | sort | paste -sd ' '", Token)).Trim();

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            Assert.True(tries < 600, "it did not happen");
            await Task.Delay(50, Token);
        }
    }
}
