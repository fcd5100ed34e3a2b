using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mandos.Client.Network;
using Mandos.Core.Linux;

namespace Mandos.Client.Tests.Network;

/// <summary>With real interfaces: <c>own0</c> here, at the other end of its cable <c>peer0</c> in another namespace.</summary>
[Trait("needs", "root")]
public sealed class NetworkSessionTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private readonly NetworkNamespace _here = new();
    private readonly NetworkNamespace _there = new();
    private readonly List<string> _warnings = [];
    private readonly string _hooks = Directory.CreateTempSubdirectory("mandos").FullName;

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
        Directory.Delete(_hooks, recursive: true);
    }

    [Fact]
    public async Task An_interface_that_was_down_is_usable_and_afterwards_down_again_with_all_settings_as_before()
    {
        await ConnectCableAsync();
        var before = await SettingsAsync();

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.True(await session.WaitForUsableAsync(Cancellation));
            Assert.Equal(["own0"], session.Chosen.Select(link => link.Name));
            Assert.NotEqual(before, await SettingsAsync());
        });

        Assert.Equal(before, await SettingsAsync());
        Assert.False(await IsUpAsync("own0"));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_neighbour_is_reached_by_its_link_local_address_at_once()
    {
        await ConnectCableAsync();
        var (listener, port) = await ListenAsync();
        using var _ = listener;
        var peer = await PeerAddressAsync();
        var watch = Stopwatch.StartNew();

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.True(await session.WaitForUsableAsync(Cancellation));
            TestContext.Current.TestOutputHelper?.WriteLine($"usable after {watch.ElapsedMilliseconds} ms");
            using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(new IPEndPoint(new IPAddress(peer.GetAddressBytes(), session.Chosen[0].Index), port), Cancellation);
            TestContext.Current.TestOutputHelper?.WriteLine($"connected after {watch.ElapsedMilliseconds} ms");
            Assert.True(client.Connected);
        });
    }

    [Fact]
    public async Task An_interface_that_was_up_stays_up_and_its_settings_are_left_alone()
    {
        await ConnectCableAsync();
        await _here.IpAsync("link set own0 up");
        var before = await SettingsAsync();

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.True(await session.WaitForUsableAsync(Cancellation));
            Assert.Equal(before, await SettingsAsync());
        });

        Assert.True(await IsUpAsync("own0"));
    }

    [Fact]
    public async Task What_follows_none_is_not_brought_up_but_used_when_somebody_else_does()
    {
        await ConnectCableAsync();

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["none,own0"], Short);
            Assert.False(await session.WaitForUsableAsync(Cancellation));
            Assert.False(await IsUpAsync("own0"));
            await _here.IpAsync("link set own0 up");
            Assert.Equal("own0", (await NextChangeAsync(session)).Name);
        });

        Assert.True(await IsUpAsync("own0"));
    }

    [Fact]
    public async Task A_named_interface_that_does_not_exist_is_waited_for_and_never_replaced_by_others()
    {
        await ConnectCableAsync();

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["late0"], Short);
            Assert.True(session.HasInterfaces);
            Assert.Equal(["interface \"late0\" does not exist; it will be used if it appears"], _warnings);
            Assert.False(await session.WaitForUsableAsync(Cancellation));
            Assert.False(await IsUpAsync("own0"));

            // As udev does it: it appears under another name.
            await _here.IpAsync("link set own0 name late0");
            Assert.Equal(("late0", true), await NextChangeAsync(session) is var change ? (change.Name, change.Usable) : default);
        });

        Assert.False(await IsUpAsync("late0"));
    }

    [Fact]
    public async Task An_interface_that_appears_later_is_brought_up_too_and_one_that_vanishes_is_told()
    {
        await ConnectCableAsync();

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.Equal("own0", (await NextChangeAsync(session)).Name);

            await ConnectCableAsync("own1", "peer1");
            InterfaceChange change;
            do
                change = await NextChangeAsync(session);
            while (change.Name != "own1");
            Assert.True(change.Usable);

            await _here.IpAsync("link del own1");
            do
                change = await NextChangeAsync(session);
            while (change.Usable);
            Assert.Equal("own1", change.Name);
        });

        Assert.False(await IsUpAsync("own0"));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task An_interface_that_appears_later_is_left_to_udev_until_udev_is_done_with_it()
    {
        var udev = Directory.CreateDirectory(Path.Combine(_hooks, "udev", "data")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(udev, "control"), "", Cancellation);

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["own0"], Long, udevDirectory: udev);
            await ConnectCableAsync();
            while (session.Chosen.IsEmpty)
                await Task.Delay(5);
            await Task.Delay(50);
            Assert.False(await IsUpAsync("own0"));

            await File.WriteAllTextAsync(Path.Combine(udev, "data", $"n{session.Chosen[0].Index}"), "");
            Assert.True((await NextChangeAsync(session)).Usable);
        });
    }

    [Fact]
    public async Task A_cable_that_is_plugged_in_late_is_noticed()
    {
        await ConnectCableAsync();
        await _there.IpAsync("link set peer0 down");

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["own0"], Short);
            Assert.False(await session.WaitForUsableAsync(Cancellation));
            await _there.IpAsync("link set peer0 up");
            Assert.True((await NextChangeAsync(session)).Usable);
            await _there.IpAsync("link set peer0 down");
            InterfaceChange change;
            do
                change = await NextChangeAsync(session);
            while (change.Usable);
        });

        Assert.False(await IsUpAsync("own0"));
    }

    [Fact]
    public async Task Without_any_good_interface_the_session_has_none_when_the_delay_is_over()
    {
        await _here.IpAsync("link set lo up");

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Short);
            Assert.False(session.HasInterfaces);
        });
    }

    [Fact]
    public async Task One_that_appears_within_the_delay_is_chosen()
    {
        await _here.RunAsync(async () =>
        {
            var start = StartAsync([], Long);
            await ConnectCableAsync();
            await using var session = await start;
            Assert.True(session.HasInterfaces);
            Assert.Equal("own0", (await NextChangeAsync(session)).Name);
        });
    }

    [Fact]
    public async Task Loopback_is_usable_when_it_is_named()
    {
        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["lo"], Long);
            Assert.True(await session.WaitForUsableAsync(Cancellation));
        });

        Assert.False(await IsUpAsync("lo"));
    }

    [Fact]
    public async Task A_cancellation_while_hooks_run_undoes_what_they_did()
    {
        await ConnectCableAsync();
        var log = Path.Combine(_hooks, "log");
        Hook($"echo $MODE:$DEVICE >> {log}; test $MODE = stop || exec sleep 60");
        using var cancellation = new CancellationTokenSource();

        await _here.RunAsync(async () =>
        {
            var start = StartAsync(["own0,late0"], Long, cancellation.Token);
            while (!File.Exists(log))
                await Task.Delay(10);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        });

        Assert.Equal(["start:own0", "stop:own0"], await File.ReadAllLinesAsync(log, Cancellation));
        Assert.False(await IsUpAsync("own0"));
    }

    [Fact]
    public async Task A_session_that_is_stopped_while_its_interfaces_come_up_leaves_them_down_and_stopping_again_does_nothing()
    {
        await ConnectCableAsync();
        var before = await SettingsAsync();

        await _here.RunAsync(async () =>
        {
            var session = await StartAsync([], Long);
            await Task.WhenAll(session.StopAsync(), session.StopAsync());
            await session.DisposeAsync();
        });

        Assert.False(await IsUpAsync("own0"));
        Assert.Equal(before, await SettingsAsync());
    }

    [Fact]
    public async Task Without_privileges_what_is_down_stays_down_with_a_warning_and_what_is_up_is_used()
    {
        await ConnectCableAsync();
        await ConnectCableAsync("own1", "peer1");
        await _here.IpAsync("link set own1 up");
        await _here.DropCapabilitiesAsync();

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.Equal("own1", (await NextChangeAsync(session)).Name);
        });

        Assert.Equal(["cannot bring up interface \"own0\": Operation not permitted"], _warnings);
    }

    [Theory]
    [InlineData("2001:db8::1")]
    [InlineData("192.0.2.1")]
    public async Task A_host_route_is_there_until_its_last_user_is_done(string address)
    {
        await ConnectCableAsync();
        var host = IPAddress.Parse(address);
        var family = host.AddressFamily == AddressFamily.InterNetwork ? "-4" : "-6";

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.True(await session.WaitForUsableAsync(Cancellation));
            var index = session.Chosen[0].Index;

            Assert.True(session.Routes.Add(host, index));
            Assert.True(session.Routes.Add(host, index));
            session.Routes.Remove(host, index);
            var route = await _here.IpAsync($"-d {family} route show {address}");
            Assert.Contains($"unicast {address} dev own0", route);
            Assert.Contains("proto boot", route);
            if (family == "-4")
                Assert.Contains("scope link", route);

            session.Routes.Remove(host, index);
            session.Routes.Remove(host, index);
            Assert.Empty(await _here.IpAsync($"{family} route show {address}"));
        });

        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_route_that_was_there_is_not_removed_and_one_of_ours_does_not_outlive_the_session()
    {
        await ConnectCableAsync();
        await _here.IpAsync("link set own0 up");
        await _here.IpAsync("route add 192.0.2.1 dev own0 proto boot scope link");
        var (existing, own) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));

        await _here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            var index = session.Chosen[0].Index;
            Assert.False(session.Routes.Add(existing, index));
            session.Routes.Remove(existing, index);
            Assert.True(session.Routes.Add(own, index));
        });

        Assert.Contains("192.0.2.1", await _here.IpAsync("route show"));
        Assert.DoesNotContain("192.0.2.2", await _here.IpAsync("route show"));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task Events_that_the_kernel_had_to_drop_are_made_up_for()
    {
        const int many = 100;
        await _here.RunAsync(async () =>
        {
            Assert.True(LinkMonitor.TryOpen(out var monitor, out var error), error.ToString());
            using (monitor)
            {
                _ = await monitor.ReadAsync(Cancellation);
                var batch = Path.Combine(_hooks, "batch");
                await File.WriteAllLinesAsync(batch, Enumerable.Range(0, many).Select(i => $"link add own{i} type veth peer name peer{i}")
                    .Append("link del own0").Concat(Enumerable.Range(1, many - 1).Select(i => $"link set own{i} up")));
                await _here.IpAsync($"-batch {batch}");
                Assert.True(DroppedMessages() > 0);

                while (monitor.Links.Count(link => link.IsUp) < many - 1)
                    _ = await monitor.ReadAsync(Cancellation);

                var existing = await _here.IpAsync("-o link show");
                Assert.Equal(existing.Count(character => character == '\n'), monitor.Links.Count);
                Assert.DoesNotContain(monitor.Links, link => link.Name is "own0" or "peer0");
            }
        });
    }

    /// <summary>Of all netlink sockets in the namespace of this thread.</summary>
    private static int DroppedMessages() =>
        File.ReadLines("/proc/thread-self/net/netlink").Skip(1)
            .Sum(line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[8]));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<NetworkSession> StartAsync(string[] interfaces, TimeSpan delay, CancellationToken? cancellationToken = null, string udevDirectory = "/nonexistent") =>
        NetworkSession.StartAsync(new NetworkOptions
        {
            InterfaceLists = interfaces,
            Delay = delay,
            HookDirectory = _hooks,
            UdevDirectory = udevDirectory,
            Warn = _warnings.Add,
        }, cancellationToken ?? Cancellation);

    private async Task ConnectCableAsync(string own = "own0", string peer = "peer0")
    {
        await _here.IpAsync($"link add {own} type veth peer name {peer} netns {_there.ThreadId}");
        await _there.IpAsync($"link set {peer} up");
    }

    private async Task<(Socket Listener, int Port)> ListenAsync() => await _there.RunAsync(() =>
    {
        var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        listener.Listen();
        return Task.FromResult((listener, ((IPEndPoint)listener.LocalEndPoint!).Port));
    });

    /// <summary>The link-local address of the other end: known when carrier came, so <c>own0</c> is up for a moment.</summary>
    private async Task<IPAddress> PeerAddressAsync()
    {
        await _here.IpAsync("link set own0 up");
        string[] words;
        do
            words = (await _there.IpAsync("-6 -o address show dev peer0 scope link -tentative")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        while (words.Length < 4);
        await _here.IpAsync("link set own0 down");
        return IPAddress.Parse(words[3].Split('/')[0]);
    }

    private async Task<InterfaceChange> NextChangeAsync(NetworkSession session)
    {
        await foreach (var change in session.ReadChangesAsync(Cancellation))
            return change;
        throw new InvalidOperationException("the session stopped");
    }

    private async Task<bool> IsUpAsync(string name) => (await _here.IpAsync($"-o link show dev {name} up")).Length > 0;

    private async Task<string> SettingsAsync() => string.Join(' ',
        await _here.SettingAsync("conf/own0/optimistic_dad"),
        await _here.SettingAsync("conf/own0/use_optimistic"),
        await _here.SettingAsync("neigh/own0/retrans_time_ms"));

    private void Hook(string script)
    {
        var path = Path.Combine(_hooks, "hook");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
