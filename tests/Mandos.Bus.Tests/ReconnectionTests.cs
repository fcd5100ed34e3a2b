using Mandos.Bus.Connections;
using Mandos.Tests.Buses;

namespace Mandos.Bus.Tests;

public sealed class ReconnectionTests
{
    private static readonly TimeSpan _long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_bus_that_comes_goes_and_comes_back_is_used_each_time_and_its_absence_is_told_once()
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
        await absent.Task.WaitAsync(_long, TestContext.Current.CancellationToken);
        // Some attempts more, which are not told.
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.Single(reports);
        await bus.StartDaemonAsync();
        Assert.True(await uses.WaitAsync(_long, TestContext.Current.CancellationToken));
        await bus.StopDaemonAsync();
        await bus.StartDaemonAsync();
        Assert.True(await uses.WaitAsync(_long, TestContext.Current.CancellationToken));
        Assert.Equal(2, reports.Count);
        await ended.CancelAsync();
        await running.WaitAsync(_long, TestContext.Current.CancellationToken);
    }
}
