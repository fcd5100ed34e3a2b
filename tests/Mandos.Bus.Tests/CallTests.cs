using System.Diagnostics;
using System.Globalization;
using Mandos.Bus.Connections;
using Mandos.Bus.Messages;

namespace Mandos.Bus.Tests;

/// <summary>Calls and their answers: who called what, one answer each, in any order and from any thread.</summary>
public sealed class CallTests : BusTest
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_call_carries_its_path_interface_member_and_sender()
    {
        var calls = new List<string>();
        var server = await ConnectAsync((call, _) =>
        {
            calls.Add($"{call.Path} {call.Interface ?? "no interface"} {call.Member} {call.Sender}");
            call.Reply();
        });
        var client = await ConnectAsync();
        await client.CallAsync(To(server), null, Long, Token);
        await client.CallAsync(new(server.UniqueName, "/other/path", null, "Member_2"), null, Long, Token);
        Assert.Equal([$"/object test.Interface Do {client.UniqueName}", $"/other/path no interface Member_2 {client.UniqueName}"], calls);
    }

    [Fact]
    public async Task Only_the_first_reply_to_a_call_is_sent()
    {
        var server = await ConnectAsync((call, _) =>
        {
            call.Reply(w => w.WriteString("first"));
            call.Reply(w => w.WriteString("second"));
            call.ReplyError(BusErrors.Failed, "third");
            call.Drop();
        });
        var client = await ConnectAsync();
        for (var i = 0; i < 3; i++)
            Assert.Equal("first", await client.CallAsync(To(server), null, static r => r.ReadString(), Long, Token));
    }

    [Fact]
    public async Task A_dropped_call_gets_no_reply()
    {
        var server = await ConnectAsync((call, _) =>
        {
            if (call.Member == "Drop")
                call.Drop();
            else
                call.Reply();
        });
        var client = await ConnectAsync();
        var dropped = client.CallAsync(To(server, "Drop"), null, TimeSpan.FromMilliseconds(300), Token);
        await client.CallAsync(To(server), null, Long, Token);
        var error = await Assert.ThrowsAsync<BusException>(() => dropped);
        Assert.Equal(BusErrors.Timeout, error.Name);
        Assert.Equal($"{server.UniqueName} did not respond to Drop within 0.3 s", error.Message);
    }

    [Fact]
    public async Task Replies_may_come_in_another_order_and_from_other_threads()
    {
        const int count = 50;
        var waiting = new List<(BusCall Call, int Number)>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await ConnectAsync((call, r) =>
        {
            waiting.Add((call, r.ReadInt32()));
            if (waiting.Count == count)
                all.TrySetResult();
        });
        var client = await ConnectAsync();
        var answers = Enumerable.Range(0, count)
            .Select(i => client.CallAsync(To(server), w => w.WriteInt32(i), static r => r.ReadInt32(), Long, Token))
            .ToList();
        await all.Task.WaitAsync(Long, Token);
        await Parallel.ForEachAsync(waiting.AsEnumerable().Reverse(), Token, (one, _) =>
        {
            one.Call.Reply(w => w.WriteInt32(one.Number * 2));
            return ValueTask.CompletedTask;
        });
        Assert.Equal(Enumerable.Range(0, count).Select(i => i * 2), await Task.WhenAll(answers));
    }

    [Fact]
    public async Task A_cancelled_call_stops_waiting_and_the_next_one_is_served()
    {
        var server = await ConnectAsync((call, _) =>
        {
            if (call.Member != "Hold")
                call.Reply();
        });
        var client = await ConnectAsync();
        using var cancelled = new CancellationTokenSource();
        var held = client.CallAsync(To(server, "Hold"), null, Long, cancelled.Token);
        await client.CallAsync(To(server), null, Long, Token);
        Assert.False(held.IsCompleted);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        await client.CallAsync(To(server), null, Long, Token);
    }

    [Fact]
    public async Task The_bus_reports_the_user_and_process_of_a_caller()
    {
        var server = await ConnectAsync((call, arguments) => Answer(call));
        var client = await ConnectAsync();
        var (user, process) = await client.CallAsync<(uint, uint)>(
            To(server), null, static r => (r.ReadUInt32(), r.ReadUInt32()), Long, Token);
        Assert.Equal((uint)Environment.ProcessId, process);
        Assert.Equal(uint.Parse(Id(), CultureInfo.InvariantCulture), user);

        static async void Answer(BusCall call)
        {
            var user = await call.AskBusAsync("GetConnectionUnixUser", Long);
            var process = await call.AskBusAsync("GetConnectionUnixProcessID", Long);
            call.Reply(w =>
            {
                w.WriteUInt32(user);
                w.WriteUInt32(process);
            });
        }

        static string Id()
        {
            using var id = Process.Start(new ProcessStartInfo("id", "-u") { RedirectStandardOutput = true })!;
            return id.StandardOutput.ReadToEnd().Trim();
        }
    }

    [Fact]
    public async Task The_bus_reports_no_owner_for_a_caller_that_has_gone()
    {
        var asked = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await ConnectAsync((call, _) =>
        {
            arrived.TrySetResult();
            Ask(call);
        });
        var client = await BusConnection.ConnectAsync(Bus.Address, null, TimeProvider.System, Token);
        var pending = client.CallAsync(To(server), null, Long, Token);
        await arrived.Task.WaitAsync(Long, Token);
        await client.DisposeAsync();
        gone.SetResult();
        await Assert.ThrowsAsync<BusConnectionException>(() => pending);
        var error = Assert.IsType<BusException>(await asked.Task.WaitAsync(Long, Token));
        Assert.Equal(BusErrors.NameHasNoOwner, error.Name);

        async void Ask(BusCall call)
        {
            await gone.Task;
            asked.SetResult((await Record.ExceptionAsync(() => call.AskBusAsync("GetConnectionUnixUser", Long)))!);
        }
    }

    [Fact]
    public async Task A_reply_that_cannot_be_read_is_an_error_for_its_caller()
    {
        var server = await ConnectAsync((call, _) => call.Reply(w => w.WriteString("text")));
        var client = await ConnectAsync();
        var error = await Assert.ThrowsAsync<BusException>(
            () => client.CallAsync(To(server), null, static r => r.ReadInt32(), Long, Token));
        Assert.Equal((BusErrors.InvalidArguments, "type 'i' is expected, not 's'"), (error.Name, error.Message));
    }

    [Fact]
    public async Task A_name_that_the_bus_refuses_is_an_error_with_the_reason()
    {
        var client = await ConnectAsync();
        var error = await Assert.ThrowsAsync<BusException>(() => client.RequestNameAsync("no name", Token));
        Assert.Equal(BusErrors.InvalidArguments, error.Name);
        Assert.NotEqual("", error.Message);
        Assert.Null(await client.FindOwnerAsync("test.Unowned", Token));
        await client.ReleaseNameAsync("test.Unowned", Token);
    }

    [Fact]
    public async Task A_name_can_be_acquired_after_its_owner_leaves()
    {
        const string name = "test.Moving";
        var first = await BusConnection.ConnectAsync(Bus.Address, null, TimeProvider.System, Token);
        var second = await ConnectAsync();
        Assert.True(await first.RequestNameAsync(name, Token));
        await first.DisposeAsync();
        // The bus notices a closed connection soon, not at once.
        while (await second.FindOwnerAsync(name, Token) is not null)
            await Task.Delay(10, Token);
        Assert.True(await second.RequestNameAsync(name, Token));
        Assert.Equal(second.UniqueName, await second.FindOwnerAsync(name, Token));
    }
}
