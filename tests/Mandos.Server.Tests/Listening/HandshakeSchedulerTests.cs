using System.Net;
using Mandos.Server.Listening;

namespace Mandos.Server.Tests.Listening;

public sealed class HandshakeSchedulerTests
{
    private static readonly IPAddress One = IPAddress.Parse("fd00:1::1");
    private static readonly IPAddress Two = IPAddress.Parse("fd00:2::1");

    private const int Unknown = 2, Proven = 0;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_more_handshakes_than_the_limit_run_at_once()
    {
        var turns = new HandshakeScheduler(2);
        var first = await turns.TakeAsync(One, Unknown, Ct);
        await turns.TakeAsync(One, Unknown, Ct);
        var third = turns.TakeAsync(One, Unknown, Ct).AsTask();
        Assert.False(third.IsCompleted);

        first!.Dispose();

        Assert.NotNull(await third);
    }

    [Fact]
    public async Task A_turn_that_is_released_twice_counts_once()
    {
        var turns = new HandshakeScheduler(1);
        var first = await turns.TakeAsync(One, Unknown, Ct);
        first!.Dispose();
        first.Dispose();
        await turns.TakeAsync(One, Unknown, Ct);

        Assert.False(turns.TakeAsync(One, Unknown, Ct).AsTask().IsCompleted);
    }

    [Fact]
    public async Task Addresses_from_which_a_client_came_before_go_first()
    {
        var turns = new HandshakeScheduler(1);
        var running = await turns.TakeAsync(One, Unknown, Ct);
        var strangers = Enumerable.Range(0, 10).Select(_ => turns.TakeAsync(One, Unknown, Ct).AsTask()).ToList();
        var client = turns.TakeAsync(Two, Proven, Ct).AsTask();

        running!.Dispose();

        await client;
        Assert.All(strangers, stranger => Assert.False(stranger.IsCompleted));
    }

    /// <summary>Otherwise a client with any number of connections would stop all machines that the server has not seen yet.</summary>
    [Fact]
    public async Task Every_fourth_turn_goes_to_an_address_that_is_not_proven()
    {
        var turns = new HandshakeScheduler(1);
        var running = await turns.TakeAsync(Two, Proven, Ct);
        var flood = Enumerable.Range(0, 100).Select(_ => turns.TakeAsync(Two, Proven, Ct).AsTask()).ToList();
        var machine = turns.TakeAsync(One, Unknown, Ct).AsTask();
        var served = 0;
        while (!machine.IsCompleted)
        {
            running!.Dispose();
            var next = await Task.WhenAny(flood.Append(machine));
            running = await next;
            _ = flood.Remove(next);
            served++;
        }

        Assert.Equal(4, served);
    }

    [Fact]
    public async Task A_cancelled_handshake_is_skipped()
    {
        var turns = new HandshakeScheduler(1);
        var running = await turns.TakeAsync(One, Unknown, Ct);
        using var stop = new CancellationTokenSource();
        var gone = turns.TakeAsync(One, Unknown, stop.Token).AsTask();
        var next = turns.TakeAsync(One, Unknown, Ct).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        running!.Dispose();

        Assert.NotNull(await next);
    }

    [Fact]
    public async Task The_lowest_rank_goes_first_however_many_others_wait()
    {
        var turns = new HandshakeScheduler(1);
        var running = await turns.TakeAsync(One, 0, Ct);
        var order = new List<int>();
        var waiting = new List<Task>();
        foreach (var rank in (int[])[8, 3, 1, 7, 0, 2])
            waiting.Add(NoteAsync(rank));

        running!.Dispose();

        await Task.WhenAll(waiting);
        Assert.Equal([0, 1, 2, 3, 7, 8], order);

        async Task NoteAsync(int rank)
        {
            using var turn = await turns.TakeAsync(Two, rank, Ct);
            order.Add(rank);
        }
    }
}
