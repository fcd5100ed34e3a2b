using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mandos.Client.Network;

namespace Mandos.Client.Tests.Network;

/// <summary>Interfaces are used, brought up and taken down as they should.</summary>
[Trait("needs", "root")]
public sealed class NetworkSessionTests : NetworkSessionTest
{
    [Fact]
    public async Task An_interface_that_was_down_is_brought_up_and_restored_with_all_its_settings()
    {
        await ConnectCableAsync();
        var before = await SettingsAsync();

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.True(await session.WaitForUsableAsync(Cancellation));
            Assert.Equal(["own0"], session.Chosen.Select(link => link.Name));
            Assert.NotEqual(before, await SettingsAsync());
        });

        Assert.Equal(before, await SettingsAsync());
        Assert.False(await IsUpAsync("own0"));
        Assert.Empty(Warnings);
    }

    [Fact]
    public async Task A_neighbour_is_reached_by_its_link_local_address_at_once()
    {
        await ConnectCableAsync();
        var (listener, port) = await ListenAsync();
        using var _ = listener;
        var peer = await PeerAddressAsync();
        var watch = Stopwatch.StartNew();

        await Here.RunAsync(async () =>
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
    public async Task An_interface_that_was_up_stays_up_and_keeps_its_settings()
    {
        await ConnectCableAsync();
        await Here.IpAsync("link set own0 up");
        var before = await SettingsAsync();

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.True(await session.WaitForUsableAsync(Cancellation));
            Assert.Equal(before, await SettingsAsync());
        });

        Assert.True(await IsUpAsync("own0"));
    }

    [Fact]
    public async Task An_interface_after_none_is_used_only_when_another_process_brings_it_up()
    {
        await ConnectCableAsync();

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["none,own0"], Short);
            Assert.False(await session.WaitForUsableAsync(Cancellation));
            Assert.False(await IsUpAsync("own0"));
            await Here.IpAsync("link set own0 up");
            Assert.Equal("own0", (await NextChangeAsync(session)).Name);
        });

        Assert.True(await IsUpAsync("own0"));
    }

    [Fact]
    public async Task A_named_interface_that_does_not_exist_is_waited_for_and_not_replaced_by_others()
    {
        await ConnectCableAsync();

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["late0"], Short);
            Assert.True(session.HasInterfaces);
            Assert.Equal("interface \"late0\" does not exist; it will be used if it appears", Warnings[0]);
            Assert.False(await session.WaitForUsableAsync(Cancellation));
            Assert.False(await IsUpAsync("own0"));

            // As udev does it: it appears under another name.
            await Here.IpAsync("link set own0 name late0");
            Assert.Equal(("late0", true), await NextChangeAsync(session) is var change ? (change.Name, change.Usable) : default);
        });

        Assert.False(await IsUpAsync("late0"));
    }

    [Fact]
    public async Task An_interface_that_appears_later_is_brought_up_and_one_that_disappears_is_reported()
    {
        await ConnectCableAsync();

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.Equal("own0", (await NextChangeAsync(session)).Name);

            await ConnectCableAsync("own1", "peer1");
            InterfaceChange change;
            do
                change = await NextChangeAsync(session);
            while (change.Name != "own1");
            Assert.True(change.Usable);

            await Here.IpAsync("link del own1");
            do
                change = await NextChangeAsync(session);
            while (change.Usable);
            Assert.Equal("own1", change.Name);
        });

        Assert.False(await IsUpAsync("own0"));
        Assert.Empty(Warnings);
    }

    [Fact]
    public async Task An_interface_that_appears_later_is_left_to_udev_until_udev_is_done_with_it()
    {
        var udev = Directory.CreateDirectory(Path.Combine(Folder, "udev", "data")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(udev, "control"), "", Cancellation);

        await Here.RunAsync(async () =>
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
        await There.IpAsync("link set peer0 down");

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["own0"], Short);
            Assert.False(await session.WaitForUsableAsync(Cancellation));
            await There.IpAsync("link set peer0 up");
            Assert.True((await NextChangeAsync(session)).Usable);
            await There.IpAsync("link set peer0 down");
            InterfaceChange change;
            do
                change = await NextChangeAsync(session);
            while (change.Usable);
        });

        Assert.False(await IsUpAsync("own0"));
    }

    [Fact]
    public async Task Without_a_usable_interface_the_session_has_none_after_the_delay()
    {
        await Here.IpAsync("link set lo up");

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Short);
            Assert.False(session.HasInterfaces);
        });
    }

    [Fact]
    public async Task An_interface_that_appears_within_the_delay_is_chosen()
    {
        await Here.RunAsync(async () =>
        {
            var start = StartAsync([], Long);
            await ConnectCableAsync();
            await using var session = await start;
            Assert.True(session.HasInterfaces);
            Assert.Equal("own0", (await NextChangeAsync(session)).Name);
        });
    }

    [Fact]
    public async Task Loopback_is_usable_if_it_is_requested()
    {
        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["lo"], Long);
            Assert.True(await session.WaitForUsableAsync(Cancellation));
        });

        Assert.False(await IsUpAsync("lo"));
    }

    [Fact]
    public async Task Cancellation_while_hooks_run_undoes_what_they_did()
    {
        await ConnectCableAsync();
        var log = Path.Combine(Folder, "log");
        Hook($"echo $MODE:$DEVICE >> {log}; test $MODE = stop || exec sleep 60");
        using var cancellation = new CancellationTokenSource();

        await Here.RunAsync(async () =>
        {
            var start = StartAsync(["own0,late0"], Long, cancellation.Token);
            while (new FileInfo(log) is not { Exists: true, Length: > 0 })
                await Task.Delay(10);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        });

        Assert.Equal(["start:own0", "stop:own0"], await File.ReadAllLinesAsync(log, Cancellation));
        Assert.False(await IsUpAsync("own0"));
    }

    [Fact]
    public async Task A_session_stopped_while_interfaces_come_up_leaves_them_down_and_a_second_stop_does_nothing()
    {
        await ConnectCableAsync();
        var before = await SettingsAsync();

        await Here.RunAsync(async () =>
        {
            var session = await StartAsync([], Long);
            await Task.WhenAll(session.StopAsync(), session.StopAsync());
            await session.DisposeAsync();
        });

        Assert.False(await IsUpAsync("own0"));
        Assert.Equal(before, await SettingsAsync());
    }

    [Fact]
    public async Task Without_privileges_an_interface_that_is_down_is_reported_and_one_that_is_up_is_used()
    {
        await ConnectCableAsync();
        await ConnectCableAsync("own1", "peer1");
        await Here.IpAsync("link set own1 up");
        await Here.DropCapabilitiesAsync();

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            Assert.Equal("own1", (await NextChangeAsync(session)).Name);
        });

        Assert.Equal(["cannot bring up interface \"own0\": Operation not permitted"], Warnings);
    }

    private async Task<(Socket Listener, int Port)> ListenAsync() => await There.RunAsync(() =>
    {
        var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        listener.Listen();
        return Task.FromResult((listener, ((IPEndPoint)listener.LocalEndPoint!).Port));
    });

    /// <summary>The link-local address of the other end: known when carrier came, so <c>own0</c> is up for a moment.</summary>
    private async Task<IPAddress> PeerAddressAsync()
    {
        await Here.IpAsync("link set own0 up");
        string[] words;
        do
            words = (
                await There.IpAsync("-6 -o address show dev peer0 scope link -tentative")).Split(' ',
                StringSplitOptions.RemoveEmptyEntries);
        while (words.Length < 4);
        await Here.IpAsync("link set own0 down");
        return IPAddress.Parse(words[3].Split('/')[0]);
    }

    private async Task<string> SettingsAsync() => string.Join(' ',
        await Here.SettingAsync("conf/own0/optimistic_dad"),
        await Here.SettingAsync("conf/own0/use_optimistic"),
        await Here.SettingAsync("neigh/own0/retrans_time_ms"));

    private void Hook(string script)
    {
        var path = Path.Combine(Folder, "hook");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
