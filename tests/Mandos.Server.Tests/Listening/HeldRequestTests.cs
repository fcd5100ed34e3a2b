using System.Net;
using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Listening;

/// <summary>A client waits for a decision; what it gets, what ends the wait, and what is told.</summary>
public sealed class HeldRequestTests
{
    private const string Known =
        "mandos: info: ::1: client [machine], key_id d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23: ";
    private const string Key = "::1: key_id d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23: ";

    [Fact]
    public async Task A_connection_is_held_until_a_decision_is_made()
    {
        var keeper = new FakeKeeper();
        await using var server = new TestServer(keeper);
        var retrieval = server.RetrieveAsync();
        var request = await keeper.NextAsync();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(retrieval.IsCompleted);
        Assert.False(request.IsWithdrawn);

        request.Grant();

        Assert.Equal((RetrievalOutcome.Received, "opaque bytes"), await retrieval);
        Assert.True(await request.Ended.Task);
        await server.StopAsync();
        Assert.Equal(Known + "secret delivered\n", server.Log);
    }

    [Theory]
    [InlineData("Denied", "refused, an operator denied it")]
    [InlineData("ApprovalTimedOut", "refused, not approved in time")]
    [InlineData("Removed", "refused, it was removed in the meantime")]
    [InlineData("Disabled", "refused, it is disabled")]
    [InlineData("EmptySecret", "refused, its secret is empty")]
    public async Task A_refusal_closes_the_connection_without_data_and_logs_one_line(string refusal, string line)
    {
        var keeper = new FakeKeeper();
        await using var server = new TestServer(keeper);
        var retrieval = server.RetrieveAsync();
        var request = await keeper.NextAsync();

        request.Refuse(Enum.Parse<Refusal>(refusal));

        Assert.Equal(RetrievalOutcome.Refused, (await retrieval).Outcome);
        Assert.False(await request.Ended.Task);
        await server.StopAsync();
        Assert.Equal($"{Known.Replace("info", "warning", StringComparison.Ordinal)}{line}\n", server.Log);
    }

    [Theory]
    [InlineData("end")]
    [InlineData("reset")]
    [InlineData("garbage")]
    public async Task A_client_that_disconnects_or_sends_unexpected_data_withdraws_its_request(string how)
    {
        var keeper = new FakeKeeper();
        await using var server = new TestServer(keeper);
        using var socket = await server.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var retrieval = SecretRetrieval.RunAsync(
            socket, TestServer.Keys, TlsPriority.Default, TestServer.Patient, TimeProvider.System, null, stop.Token);
        var request = await keeper.NextAsync();

        switch (how)
        {
            case "end":
                socket.Shutdown(SocketShutdown.Send);
                break;
            case "reset":
                await stop.CancelAsync();
                socket.LingerState = new(true, 0);
                socket.Close();
                break;
            default:
                await socket.SendAsync(new byte[50], TestContext.Current.CancellationToken);
                break;
        }

        await request.WithdrawnAsync();
        await server.WaitForLogAsync($"mandos: info: {Key}closed by the client before a decision was made\n");
        await stop.CancelAsync();
        await EndAsync(retrieval);
    }

    [Fact]
    public async Task A_decision_after_the_client_disconnected_delivers_nothing()
    {
        var keeper = new FakeKeeper { IgnoresWithdrawal = true };
        await using var server = new TestServer(keeper);
        using var socket = await server.ConnectAsync();
        var retrieval = SecretRetrieval.RunAsync(
            socket, TestServer.Keys, TlsPriority.Default, TestServer.Patient, TimeProvider.System, null,
            TestContext.Current.CancellationToken);
        var request = await keeper.NextAsync();
        socket.Shutdown(SocketShutdown.Send);
        await request.WithdrawnAsync();

        request.Grant();

        Assert.False(await request.Ended.Task);
        Assert.NotEqual(RetrievalOutcome.Received, (await retrieval).Outcome);
        await server.StopAsync();
        Assert.Equal($"mandos: info: {Key}closed by the client before a decision was made\n", server.Log);
    }

    [Fact]
    public async Task Without_a_proper_close_by_the_client_the_secret_does_not_count_as_delivered()
    {
        var keeper = new FakeKeeper();
        await using var server = new TestServer(
            keeper, limits: new() { Exchange = TestServer.Patient with { Close = TimeSpan.FromMilliseconds(100) } });
        using var socket = await server.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var retrieval = SecretRetrieval.RunAsync(
            socket, TestServer.Keys, TlsPriority.Default, TestServer.Patient, TimeProvider.System, null, stop.Token);
        var request = await keeper.NextAsync();
        // It will never read on.
        await stop.CancelAsync();
        await EndAsync(retrieval);

        request.Grant();

        Assert.False(await request.Ended.Task);
        await server.WaitForLogAsync(Known + "secret sent, receipt not confirmed\n");
    }

    [Fact]
    public async Task A_stop_ends_the_wait_and_logs_that()
    {
        var keeper = new FakeKeeper();
        await using var server = new TestServer(keeper);
        var retrieval = server.RetrieveAsync();
        var request = await keeper.NextAsync();

        await server.StopAsync();

        Assert.True(request.IsWithdrawn);
        Assert.NotEqual(RetrievalOutcome.Received, (await retrieval).Outcome);
        Assert.Equal($"mandos: info: {Key}closed by the server before a decision was made\n", server.Log);
    }

    [Fact]
    public async Task Held_connections_do_not_use_up_the_limit_for_others()
    {
        var keeper = new FakeKeeper();
        await using var server = new TestServer(keeper, mostPending: 4);
        var held = server.RetrieveAsync();
        var request = await keeper.NextAsync();
        var silent = new List<Socket>();
        for (var i = 0; i < 20; i++)
            silent.Add(await server.ConnectAsync());
        var second = server.RetrieveAsync();
        (await keeper.NextAsync()).Grant();
        Assert.Equal(RetrievalOutcome.Received, (await second).Outcome);
        Assert.False(request.IsWithdrawn);

        request.Grant();

        Assert.Equal(RetrievalOutcome.Received, (await held).Outcome);
        silent.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task The_oldest_request_is_refused_if_too_many_wait_for_one_client()
    {
        var keeper = new FakeKeeper();
        var clock = new SteppingClock();
        await using var server = new TestServer(
            keeper, limits: new() { Exchange = TestServer.Patient, MostWaitingOfOneClient = 2 }, time: clock);
        var retrievals = new List<Task<(RetrievalOutcome Outcome, string Secret)>>();
        var requests = new List<FakeKeeper.Request>();
        for (var i = 0; i < 3; i++)
        {
            retrievals.Add(server.RetrieveAsync());
            requests.Add(await keeper.NextAsync());
            clock.Advance(TimeSpan.FromSeconds(3));
        }

        Assert.Equal(RetrievalOutcome.Refused, (await retrievals[0]).Outcome);
        Assert.Equal([true, false, false], requests.Select(r => r.IsWithdrawn));
        await server.WaitForLogAsync($"mandos: warning: {Key}refused, more than 2 connections of this client are waiting for a decision\n");
        requests[1].Grant();
        requests[2].Grant();
        Assert.Equal(RetrievalOutcome.Received, (await retrievals[2]).Outcome);
    }

    [Fact]
    public async Task The_negotiated_TLS_parameters_are_logged_for_debugging()
    {
        await using var server = new TestServer(
            new FakeKeeper { Always = Refusal.Disabled }, level: Microsoft.Extensions.Logging.LogLevel.Debug);

        await server.RetrieveAsync(address: IPAddress.IPv6Loopback);

        await server.WaitForLogAsync($"mandos: debug: {Key}TLS 1.3, ");
    }

    /// <summary>However it ends.</summary>
    private static async Task EndAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // As the test wants.
        }
    }

    /// <summary>What tells how long something lasted is the test's; timers run as they do.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private TimeSpan _ahead;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ahead.Ticks;

        internal void Advance(TimeSpan time) => _ahead += time;
    }
}
