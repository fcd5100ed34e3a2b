using System.Net.Sockets;
using System.Text;
using Mandos.Core.Exchange;
using Microsoft.Extensions.Time.Testing;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Tests.Exchange;

/// <summary>The boot side against servers that fail, lie or wait when the handshake is done.</summary>
public sealed class RetrievalFailureTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task Data_without_a_close_notify_is_discarded(int size)
    {
        using var result = await RunAsync(async (server, socket) =>
        {
            await server.WriteAsync(new byte[size]);
            socket.Shutdown(SocketShutdown.Send);
        });
        Assert.Equal(RetrievalOutcome.Truncated, result.Outcome);
        Assert.Equal($"the connection was closed after {size} bytes without close_notify", result.Detail);
        Assert.Null(result.Secret);
    }

    [Fact]
    public async Task A_reset_connection_is_lost()
    {
        using var result = await RunAsync(async (server, socket) =>
        {
            await server.WriteAsync(new byte[10]);
            socket.Close(0);
        });
        Assert.Equal(RetrievalOutcome.ConnectionLost, result.Outcome);
        Assert.Null(result.Secret);
    }

    [Theory]
    [InlineData(1000, RetrievalOutcome.Received)]
    [InlineData(1001, RetrievalOutcome.TooLarge)]
    [InlineData(50_000, RetrievalOutcome.TooLarge)]
    public async Task A_secret_above_the_limit_is_refused(int size, RetrievalOutcome outcome)
    {
        using var result = await RunAsync(async (server, _) =>
        {
            await server.WriteAsync(new byte[size]);
            await server.SendAlertAsync(AlertDescription.close_notify);
        }, Ends.Patient with { SecretBytes = 1000 });
        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(outcome == RetrievalOutcome.Received, result.Secret is not null);
    }

    [Fact]
    public async Task Endless_empty_records_end_the_connection()
    {
        using var result = await RunAsync(async (server, _) =>
        {
            for (; ; )
                await server.SendEmptyRecordAsync();
        });
        Assert.Equal(
            (RetrievalOutcome.ConnectionLost, "the peer sends more than 32 records in a row without data"),
            (result.Outcome, result.Detail));
    }

    [Fact]
    public async Task Key_updates_during_the_transfer_are_followed()
    {
        using var result = await RunAsync(async (server, _) =>
        {
            await server.WriteAsync("with old "u8.ToArray());
            await server.UpdateKeysAsync();
            await server.WriteAsync("and new keys"u8.ToArray());
            await server.SendAlertAsync(AlertDescription.close_notify);
        });
        Assert.True(result.Outcome == RetrievalOutcome.Received, result.Detail);
        Assert.Equal("with old and new keys", Encoding.ASCII.GetString(result.Secret!.Span));
    }

    [Fact]
    public async Task An_alert_within_the_data_is_reported_by_name()
    {
        using var result = await RunAsync(async (server, _) =>
        {
            await server.WriteAsync(new byte[10]);
            await server.SendAlertAsync(AlertDescription.internal_error);
        });
        Assert.Equal(RetrievalOutcome.ConnectionLost, result.Outcome);
        Assert.Equal("the peer sent the alert internal_error", result.Detail);
    }

    [Fact]
    public async Task A_failure_after_the_handshake_is_not_reported_as_a_handshake_failure()
    {
        using var pair = await LoopbackPair.OpenAsync();
        // A slow link: the server's last handshake message, data and alert arrive as one piece.
        await using var tap = new Tap(() =>
        {
            Thread.Sleep(100);
            return 64 * 1024;
        });
        var retrieval = Ends.RetrieveAsync(await tap.InFrontOfAsync(pair.Server));
        using var server = await HostileServer.ShakeHandsAsync(pair.Client);
        await server.WriteAsync(new byte[10]);
        await server.SendAlertAsync(AlertDescription.internal_error);
        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.ConnectionLost, result.Outcome);
        Assert.Equal("the peer sent the alert internal_error", result.Detail);
    }

    [Fact]
    public async Task A_damaged_record_aborts_the_attempt()
    {
        using var result = await RunAsync(async (server, socket) =>
        {
            await server.WriteAsync(new byte[10]);
            await socket.SendAsync(new byte[] { 0x17, 3, 3, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, Ends.Ct);
        });
        Assert.Equal(RetrievalOutcome.ConnectionLost, result.Outcome);
        Assert.Equal("a record is damaged (bad_record_mac)", result.Detail);
    }

    /// <summary>Sixty-four servers that stall before the end of eight megabytes would fill the memory of a small machine.</summary>
    [Fact]
    public async Task Only_a_few_large_secrets_are_received_at_once_and_one_that_stalls_gives_up_its_place()
    {
        var time = new FakeTimeProvider();
        using var large = new LargeSecrets();
        var limits = Ends.Patient with { Data = TimeSpan.FromHours(1), Large = large };
        var owned = new List<IDisposable>();
        var stalled = new List<Task<RetrievalResult>>();
        try
        {
            for (var i = 0; i < LargeSecrets.AtOnce; i++)
            {
                var (server, retrieval) = await MeetAsync();
                await server.WriteAsync(new byte[LargeSecrets.Threshold + 20_000]);
                stalled.Add(retrieval);
                while (large.Free != LargeSecrets.AtOnce - i - 1)
                    await Task.Delay(10, Ends.Ct);
            }

            var (good, honest) = await MeetAsync();
            var secret = Enumerable.Range(0, 150_000).Select(i => (byte)(i * 7)).ToArray();
            var sending = good.WriteAsync(secret).AsTask();
            await Task.Delay(200, Ends.Ct);
            Assert.False(honest.IsCompleted);

            time.Advance(large.Time);

            await sending;
            await good.SendAlertAsync(AlertDescription.close_notify);
            using var received = await honest;
            Assert.Equal(RetrievalOutcome.Received, received.Outcome);
            Assert.Equal(secret, received.Secret!.Span.ToArray());
            foreach (var one in stalled)
            {
                using var result = await one;
                Assert.Equal(
                    (RetrievalOutcome.TimedOut, "the large secret did not end within 30 s"), (result.Outcome, result.Detail));
            }
        }
        finally
        {
            owned.ForEach(one => one.Dispose());
        }

        async Task<(HostileServer Server, Task<RetrievalResult> Retrieval)> MeetAsync()
        {
            var pair = await LoopbackPair.OpenAsync();
            owned.Add(pair);
            var retrieval = Ends.RetrieveAsync(pair.Client, limits: limits, time: time);
            var server = await HostileServer.ShakeHandsAsync(pair.Server);
            owned.Add(server);
            return (server, retrieval);
        }
    }

    [Fact]
    public async Task Data_after_close_notify_is_ignored()
    {
        using var result = await RunAsync(async (server, socket) =>
        {
            await server.WriteAsync("all"u8.ToArray());
            await server.SendAlertAsync(AlertDescription.close_notify);
            await socket.SendAsync(new byte[1000], Ends.Ct);
        });
        Assert.Equal("all"u8.ToArray(), result.Secret!.Span.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task A_server_that_stalls_in_the_data_times_out(int size)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var time = new FakeTimeProvider();
        var negotiated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var retrieval = Ends.RetrieveAsync(
            pair.Client, time: time, limits: new() { Handshake = TimeSpan.FromDays(1), Data = TimeSpan.FromMinutes(5) },
            debug: _ => negotiated.TrySetResult());
        using var server = await HostileServer.ShakeHandsAsync(pair.Server);
        await server.WriteAsync(new byte[size]);
        // The server is through with the handshake before the client is, whose deadline for it is far away.
        await negotiated.Task.WaitAsync(Ends.Ct);
        using var result = await AdvanceUntilDoneAsync(retrieval, time, TimeSpan.FromMinutes(5));
        Assert.Equal(RetrievalOutcome.TimedOut, result.Outcome);
        Assert.Equal("the data did not end within 300 s", result.Detail);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_retrieval_throws_OperationCanceledException_in_every_phase(bool afterHandshake)
    {
        using var pair = await LoopbackPair.OpenAsync();
        using var cancel = new CancellationTokenSource();
        var retrieval = Ends.RetrieveAsync(pair.Client, ct: cancel.Token);
        if (afterHandshake)
        {
            using var server = await HostileServer.ShakeHandsAsync(pair.Server);
            await server.WriteAsync(new byte[10]);
        }
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => retrieval);
    }

    private static async Task<RetrievalResult> RunAsync(Func<HostileServer, Socket, Task> act, ExchangeLimits? limits = null)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var retrieval = Ends.RetrieveAsync(pair.Client, limits: limits);
        using var server = await HostileServer.ShakeHandsAsync(pair.Server);
        var acting = act(server, pair.Server);
        var result = await retrieval;
        // One that had its say was heard to the end.
        if (result.Outcome == RetrievalOutcome.Received)
            await acting;
        // A server that goes on forever gets an error when we hang up.
        pair.Client.Close(0);
        try
        {
            await acting;
        }
        catch (SocketException) when (result.Outcome != RetrievalOutcome.Received)
        {
            // As it should.
        }
        return result;
    }

    private static async Task<RetrievalResult> AdvanceUntilDoneAsync(Task<RetrievalResult> task, FakeTimeProvider time, TimeSpan step)
    {
        // The deadline starts a moment after the client has seen the end of the handshake, which is not signalled.
        while (!task.IsCompleted)
        {
            await Task.Delay(20, Ends.Ct);
            time.Advance(step);
        }
        return await task;
    }
}
