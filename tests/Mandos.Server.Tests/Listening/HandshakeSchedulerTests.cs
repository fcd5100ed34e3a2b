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
    public async Task No_more_than_so_many_at_once()
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
    public async Task A_turn_that_is_given_back_twice_counts_once()
    {
        var turns = new HandshakeScheduler(1);
        var first = await turns.TakeAsync(One, Unknown, Ct);
        first!.Dispose();
        first.Dispose();
        await turns.TakeAsync(One, Unknown, Ct);

        Assert.False(turns.TakeAsync(One, Unknown, Ct).AsTask().IsCompleted);
    }

    [Fact]
    public async Task From_where_a_client_came_before_goes_first()
    {
        var turns = new HandshakeScheduler(1);
        var running = await turns.TakeAsync(One, Unknown, Ct);
        var strangers = Enumerable.Range(0, 10).Select(_ => turns.TakeAsync(One, Unknown, Ct).AsTask()).ToList();
        var client = turns.TakeAsync(Two, Proven, Ct).AsTask();

        running!.Dispose();

        await client;
        Assert.All(strangers, stranger => Assert.False(stranger.IsCompleted));
    }

    [Fact]
    public async Task Who_gives_up_is_passed_over()
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
    public async Task The_lower_rank_goes_first_however_many_of_a_higher_one_wait()
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
