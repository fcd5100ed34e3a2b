using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Tests.Buses;

namespace Mandos.Bus.Tests;

public sealed class ReconnectionTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task The_bus_is_used_each_time_it_appears_and_its_absence_is_reported_once()
    {
        await using var bus = PrivateBus.Absent();
        using var ended = new CancellationTokenSource();
        var uses = new SemaphoreSlim(0);
        var reports = new List<string>();
        var absent = new TaskCompletionSource();
        var running = new BusReconnection(bus.Address, null, TimeProvider.System).RunAsync(
            async (_, token) =>
            {
                uses.Release();
                await Task.Delay(Timeout.Infinite, token);
            },
            e =>
            {
                reports.Add(e.Message);
                absent.TrySetResult();
            },
            ended.Token);
        await absent.Task.WaitAsync(Long, TestContext.Current.CancellationToken);
        // Some attempts more, which are not told.
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.Single(reports);
        await bus.StartDaemonAsync();
        Assert.True(await uses.WaitAsync(Long, TestContext.Current.CancellationToken));
        await bus.StopDaemonAsync();
        await bus.StartDaemonAsync();
        Assert.True(await uses.WaitAsync(Long, TestContext.Current.CancellationToken));
        Assert.Equal(["the connection to the bus was lost"], reports[1..]);
        await ended.CancelAsync();
        await running.WaitAsync(Long, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_failure_on_the_bus_is_retried_and_reported_once()
    {
        await using var bus = await PrivateBus.StartAsync();
        using var ended = new CancellationTokenSource();
        var uses = new SemaphoreSlim(0);
        var reports = new List<string>();
        var running = new BusReconnection(bus.Address, null, TimeProvider.System).RunAsync(
            async (_, _) =>
            {
                uses.Release();
                await Task.Yield();
                throw new BusException(BusErrors.Timeout, "it does not answer");
            },
            e => reports.Add(e.Message),
            ended.Token);
        for (var use = 0; use < 3; use++)
            Assert.True(await uses.WaitAsync(Long, TestContext.Current.CancellationToken));
        Assert.Equal(["it does not answer"], reports);
        await ended.CancelAsync();
        await running.WaitAsync(Long, TestContext.Current.CancellationToken);
    }
}
