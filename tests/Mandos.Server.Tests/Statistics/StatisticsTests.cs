using Mandos.Core.Exchange;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using Mandos.Server.Statistics;
using Mandos.Server.Tests.Clients;
using Mandos.Server.Tests.Listening;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Statistics;

/// <summary>What the server counts.</summary>
public sealed class StatisticsTests
{
    private static readonly FakeTimeProvider Time = new();

    [Theory]
    [InlineData(false, "handshakes.done=1 delivered.confirmed=1")]
    [InlineData(true, "handshakes.done=1 delivered.rehearsal=1")]
    public async Task A_delivery_is_counted(bool rehearsal, string expected)
    {
        await using var server = new TestServer([TestServer.Machine("secret")]);
        Assert.Equal(RetrievalOutcome.Received, (await server.RetrieveAsync(rehearsal: rehearsal)).Outcome);
        // The receipt is confirmed later.
        await server.WaitForLogAsync("delivered");
        await server.StopAsync();
        Assert.Equal(expected, Text(server.Statistics));
    }

    [Fact]
    public async Task A_disabled_client_and_an_unknown_key_are_counted_apart()
    {
        await using var disabled = new TestServer([TestServer.Machine("secret", enabled: false)]);
        await disabled.RetrieveAsync();
        await disabled.StopAsync();
        Assert.Equal("handshakes.done=1 refused.disabled=1", Text(disabled.Statistics));

        await using var empty = new TestServer([]);
        await empty.RetrieveAsync();
        await empty.StopAsync();
        Assert.Equal("handshakes.done=1 refused.unknown_key=1", Text(empty.Statistics));
    }

    [Fact]
    public void The_time_of_a_check_is_counted_from_its_start_to_its_end()
    {
        var statistics = new ServerStatistics();
        var checks = new CheckStatistics(statistics, Time);
        CheckerRun[] runs = [new(1, "true"), new(2, "false"), new(3, "sleep")];
        foreach (var run in runs)
            checks.Observe(Step(new ClientEffect.StartChecker(run)));
        Time.Advance(TimeSpan.FromMilliseconds(2));
        checks.Observe(Step(new ClientEffect.CheckerCompleted(runs[0], ChildExit.Exited(0))));
        Time.Advance(TimeSpan.FromMilliseconds(3));
        checks.Observe(Step(new ClientEffect.CheckerCompleted(runs[1], ChildExit.Exited(1))));
        checks.Observe(Step(new ClientEffect.StopChecker(runs[2])));

        Assert.Equal("checks.succeeded=1 checks.failed=1 checks.microseconds=7000", Text(statistics));
    }

    [Fact]
    public void A_save_is_counted_whether_it_succeeds_or_not()
    {
        var statistics = new ServerStatistics();
        using var disk = new Bus.MemoryStore();
        using var store = new MeasuredStore(disk, statistics, Time);
        store.Save([], [], default);
        store.SaveTimes([], default);
        disk.IsFull = true;
        Assert.Throws<StoreException>(() => store.Replace([], [], default));

        Assert.Equal((2, 1), (statistics[ServerCounter.Saves], statistics[ServerCounter.SavesFailed]));
    }

    [Fact]
    public void Each_reason_for_a_refusal_has_a_counter_of_its_own()
    {
        var statistics = new ServerStatistics();
        foreach (var refusal in Enum.GetValues<Refusal>())
            statistics.Count(refusal);
        Assert.Equal(
            "refused.disabled=1 refused.denied=1 refused.not_approved=1 refused.empty_secret=1 refused.removed=1", Text(statistics));
    }

    private static ClientTransition Step(ClientEffect effect)
    {
        var state = ClientState.FirstSeen(ClientStory.Definition("web1", ClientStory.Settings), default);
        return new(state, state, [effect]);
    }

    private static string Text(ServerStatistics statistics) =>
        string.Join(' ', statistics.Values.Where(counter => counter.Value > 0).Select(counter => $"{counter.Name}={counter.Value}"));
}
