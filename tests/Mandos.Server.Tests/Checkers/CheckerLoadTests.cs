using System.Diagnostics;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mandos.Server.Tests.Checkers;

/// <summary>Many clients at once. What it costs is reported, not judged: machines differ.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class CheckerLoadTests
{
    private const int Clients = 1000;
    private const double IntervalSeconds = 120;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_clients_are_checked_within_a_short_interval()
    {
        await using var checkers = new CheckerRunner(TimeProvider.System, NullLogger.Instance);
        await RunAllAsync(checkers, 100, pause: TimeSpan.Zero);
        using var self = Process.GetCurrentProcess();
        var cpu = self.TotalProcessorTime;

        var exits = await RunAllAsync(checkers, Clients, pause: TimeSpan.FromMilliseconds(1));

        self.Refresh();
        var each = (self.TotalProcessorTime - cpu) / Clients;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"own processor time of a check: {each.TotalMicroseconds:F0} us; with {Clients} clients and an interval of "
                + $"{IntervalSeconds} s: {each.TotalSeconds * Clients / IntervalSeconds:P2} of a processor");
        Assert.Equal(Clients, exits.Count(e => e == ChildExit.Exited(0)));
    }

    [Fact]
    public async Task A_thousand_hanging_checks_use_no_threads_and_stop_together()
    {
        await using var checkers = new CheckerRunner(TimeProvider.System, NullLogger.Instance);
        var runs = Enumerable.Range(1, Clients).Select(i => new CheckerRun(i, "exec sleep 1000")).ToList();
        using var self = Process.GetCurrentProcess();

        foreach (var run in runs)
            checkers.Start($"client{run.Id}", run, _ => Assert.Fail("it was stopped"));
        var last = new TaskCompletionSource<ChildExit?>(TaskCreationOptions.RunContinuationsAsynchronously);
        checkers.Start("last", new CheckerRun(Clients + 1, "true"), last.SetResult);
        Assert.Equal(ChildExit.Exited(0), await last.Task.WaitAsync(TimeSpan.FromMinutes(2), Token));
        self.Refresh();
        var threads = self.Threads.Count;
        var began = TimeProvider.System.GetTimestamp();
        await checkers.DisposeAsync();

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{threads} threads; ended after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F2} s");
        Assert.InRange(threads, 1, 100);
    }

    private static async Task<ChildExit?[]> RunAllAsync(CheckerRunner checkers, int count, TimeSpan pause)
    {
        var checks = new List<Task<ChildExit?>>();
        for (var i = 0; i < count; i++)
        {
            var ended = new TaskCompletionSource<ChildExit?>(TaskCreationOptions.RunContinuationsAsynchronously);
            checkers.Start($"client{i}", new CheckerRun(count + i, "true"), ended.SetResult);
            checks.Add(ended.Task);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, Token);
        }

        return await Task.WhenAll(checks).WaitAsync(TimeSpan.FromMinutes(2), Token);
    }
}
