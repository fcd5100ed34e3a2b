using System.Diagnostics;
using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Bus.Tests;

/// <summary>Calls, signals and names on a real bus.</summary>
public sealed class ConnectionTests : BusTest
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_error_reply_arrives_with_its_name_and_text()
    {
        var server = await ConnectAsync((call, _) => throw new BusException("test.Error.Bad", "it is bad"));
        var client = await ConnectAsync();
        var error = await Assert.ThrowsAsync<BusException>(() => client.CallAsync(To(server), null, Long, Token));
        Assert.Equal(("test.Error.Bad", "it is bad"), (error.Name, error.Message));
    }

    [Fact]
    public async Task An_internal_error_in_one_call_is_an_error_for_its_caller_and_does_not_affect_the_next()
    {
        var server = await ConnectAsync((call, _) =>
        {
            if (call.Member == "Throw")
                throw new InvalidOperationException("defect");
            call.Reply(w => w.WriteObjectPath(call.Member == "Path" ? "no path" : "/path"));
        });
        var client = await ConnectAsync();
        foreach (var member in (string[])["Throw", "Path"])
            Assert.Equal(
                BusErrors.Failed,
                (await Assert.ThrowsAsync<BusException>(() => client.CallAsync(To(server, member), null, Long, Token))).Name);
        Assert.Equal("/path", await client.CallAsync(To(server), null, static r => r.ReadObjectPath(), Long, Token));
    }

    [Fact]
    public async Task A_call_without_a_reply_times_out_and_a_late_reply_is_ignored()
    {
        var held = new TaskCompletionSource<BusCall>();
        var server = await ConnectAsync((call, _) =>
        {
            if (call.Member == "Hold")
                held.TrySetResult(call);
            else
                call.Reply();
        });
        var client = await ConnectAsync();
        var error = await Assert.ThrowsAsync<BusException>(
            () => client.CallAsync(To(server, "Hold"), null, TimeSpan.FromMilliseconds(200), Token));
        Assert.Equal(BusErrors.Timeout, error.Name);
        (await held.Task.WaitAsync(Long, Token)).Reply();
        await client.CallAsync(To(server), null, Long, Token);
    }

    [Fact]
    public async Task A_call_to_a_name_without_an_owner_fails_at_once()
    {
        var client = await ConnectAsync();
        var error = await Assert.ThrowsAsync<BusException>(
            () => client.CallAsync(new("test.Missing", "/", "test.Interface", "Do"), null, Long, Token));
        Assert.Equal(BusErrors.NameHasNoOwner, error.Name);
    }

    [Fact]
    public async Task Signals_arrive_in_order_at_connections_that_match_them()
    {
        var sender = await ConnectAsync();
        var listener = await ConnectAsync();
        var got = new List<string>();
        var last = new TaskCompletionSource();
        var match = new BusMatch { Sender = sender.UniqueName, Interface = "test.Interface", Member = "Told" };
        await using var matching = await listener.MatchAsync(
            match,
            (signal, r) =>
            {
                got.Add($"{signal.Path} {r.ReadInt32()}");
                if (got.Count == 3)
                    last.TrySetResult();
            },
            Token);
        await sender.SendAsync([Told("/a", 1), Told("/a", 2, "Other"), Told("/b", 3), Told("/a", 4)]);
        await last.Task.WaitAsync(Long, Token);
        Assert.Equal(["/a 1", "/b 3", "/a 4"], got);

        static BusSignal Told(string path, int number, string member = "Told") =>
            new(path, "test.Interface", member, w => w.WriteInt32(number));
    }

    [Fact]
    public async Task A_signal_from_another_sender_is_not_accepted()
    {
        var sender = await ConnectAsync();
        var forger = await ConnectAsync();
        var listener = await ConnectAsync();
        var got = new List<string>();
        var last = new TaskCompletionSource();
        await using var exact = await listener.MatchAsync(
            new() { Sender = sender.UniqueName, Member = "Told" }, (_, r) => got.Add(r.ReadString()), Token);
        await using var any = await listener.MatchAsync(
            new() { Member = "Told" },
            (_, r) =>
            {
                if (r.ReadString() == "end")
                    last.TrySetResult();
            },
            Token);
        await forger.SendAsync([new("/", "test.Interface", "Told", w => w.WriteString("forged"))]);
        await forger.CallAsync(new("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId"), null, Long, Token);
        await sender.SendAsync([new("/", "test.Interface", "Told", w => w.WriteString("end"))]);
        await last.Task.WaitAsync(Long, Token);
        Assert.Equal(["end"], got);
    }

    [Theory]
    [InlineData("string:\ufdd0")]
    [InlineData("string:\U0001ffff")]
    [InlineData("variant:string:\ufffe")]
    public async Task Text_that_libsystemd_refuses_does_not_close_the_connection(string argument)
    {
        var server = await ConnectAsync((call, _) => call.Reply());
        var client = await ConnectAsync();
        await using var match = await server.MatchAsync(
            new() { Interface = "test.Interface", FirstArgument = "other" }, (_, _) => { }, Token);
        await SendAsync("--type=signal", "test.Interface.Told");
        await SendAsync("--type=method_call", "test.Interface.Do");
        await client.CallAsync(To(server), null, Long, Token);
        Assert.False(server.Closed.IsCompleted);

        async Task SendAsync(string type, string member)
        {
            using var sender = Process.Start(
                "dbus-send", [$"--bus={Bus.Address}", $"--dest={server.UniqueName}", type, "/object", member, argument]);
            await sender.WaitForExitAsync(Token);
            Assert.Equal(0, sender.ExitCode);
        }
    }

    [Fact]
    public async Task A_name_has_one_owner_and_changes_of_the_owner_are_reported()
    {
        const string name = "test.Name";
        var first = await ConnectAsync();
        var second = await ConnectAsync();
        var owners = new List<string?>();
        var gone = new TaskCompletionSource();
        await using var watch = await second.WatchOwnerAsync(
            name,
            owner =>
            {
                owners.Add(owner);
                if (owner is null)
                    gone.TrySetResult();
            },
            Token);
        Assert.Null(await second.FindOwnerAsync(name, Token));
        Assert.True(await first.RequestNameAsync(name, Token));
        Assert.True(await first.RequestNameAsync(name, Token));
        Assert.False(await second.RequestNameAsync(name, Token));
        Assert.Equal(first.UniqueName, await second.FindOwnerAsync(name, Token));
        await first.ReleaseNameAsync(name, Token);
        await gone.Task.WaitAsync(Long, Token);
        Assert.Equal([first.UniqueName, null], owners);
    }

    [Fact]
    public async Task When_the_bus_disconnects_every_wait_ends()
    {
        var arrived = new TaskCompletionSource();
        var server = await ConnectAsync((_, _) => arrived.TrySetResult());
        var client = await ConnectAsync();
        var call = client.CallAsync(To(server), null, Long, Token);
        await arrived.Task.WaitAsync(Long, Token);
        await Bus.StopDaemonAsync();
        await Assert.ThrowsAsync<BusConnectionException>(() => call);
        await client.Closed.WaitAsync(Long, Token);
        await Assert.ThrowsAsync<BusConnectionException>(() => client.SendAsync([]));
        await Assert.ThrowsAsync<BusConnectionException>(() => client.CallAsync(To(server), null, Long, Token));
    }

    [Theory]
    [InlineData("unix:path=/nonexistent/socket")]
    [InlineData("unix:")]
    [InlineData("no address")]
    public async Task Without_a_bus_there_is_one_error_and_a_retry_may_help(string address)
    {
        var error = await Assert.ThrowsAsync<BusConnectionException>(
            () => BusConnection.ConnectAsync(address, null, TimeProvider.System, Token));
        Assert.False(error.IsPermanent);
        Assert.StartsWith("cannot connect to the bus: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_connection_is_closed_if_the_bus_accepts_no_data_for_30_seconds()
    {
        var time = new FakeTimeProvider();
        await using var sender = await BusConnection.ConnectAsync(Bus.Address, null, time, Token);
        time.Advance(TimeSpan.FromHours(1));
        Bus.Freeze();
        var text = new string('x', 20_000);
        // More than a socket holds.
        var sending = sender.SendAsync(
            [.. Enumerable.Repeat(new BusSignal("/", "test.Interface", "Told", w => w.WriteString(text)), 3000)]);
        var passed = 0;
        for (; !sender.Closed.IsCompleted && passed < 600; passed += 10)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(sender.Closed, Task.Delay(1500, Token));
        }

        Assert.InRange(passed, 40, 590);
        var error = await Assert.ThrowsAsync<BusConnectionException>(() => sending.WaitAsync(Long, Token));
        Assert.Equal("the bus accepted no data for 30 s", error.Message);
        Bus.Thaw();
    }

    [Fact]
    public async Task A_sender_with_much_data_waits_for_a_stuck_bus_and_then_continues()
    {
        var sender = await ConnectAsync();
        Bus.Freeze();
        var text = new string('x', 10_000);
        // What the socket and the bound hold goes out; so much is never held.
        await SendAsync().WaitAsync(Long, Token);
        var sending = Enumerable.Range(0, 2_000).Select(_ => SendAsync()).ToList();
        await Task.Delay(500, Token);
        Assert.False(sending[^1].IsCompleted);
        Bus.Thaw();
        await Task.WhenAll(sending).WaitAsync(Long, Token);

        Task SendAsync() => sender.SendAsync([new("/", "test.Interface", "Told", w => w.WriteString(text))]);
    }

    [Fact]
    public async Task Only_a_few_of_very_many_signals_are_built_before_the_bus_accepts_them()
    {
        const int many = 10_000;
        var (sender, made, text) = (await ConnectAsync(), 0, new string('x', 10_000));
        Bus.Freeze();
        var sending = sender.SendAsync([.. Enumerable.Range(0, many).Select(_ => new BusSignal("/", "test.Interface", "Told", Write))]);
        await Task.Delay(500, Token);
        // What the socket holds, some megabytes, and what waits behind it.
        Assert.InRange(Volatile.Read(ref made), 1, many / 4);
        Bus.Thaw();
        await sending.WaitAsync(Long, Token);
        Assert.Equal(many, made);

        void Write(BusWriter writer)
        {
            Interlocked.Increment(ref made);
            writer.WriteString(text);
        }
    }
}
