using System.Text;
using Mandos.Client.Hosting;
using Mandos.Client.Runner;
using Mandos.Core.Secrets;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Client.Tests.Runner;

public sealed class PluginRaceTests
{
    private readonly ArmedTime _time = new();
    private readonly List<string> _delivered = [];
    private readonly List<string> _ended = [];
    private readonly Dictionary<string, Queue<Func<CancellationToken, Task<PluginEnd>>>> _runs = [];
    private int _starts;

    [Fact]
    public async Task The_first_password_wins_and_the_other_plugins_are_stopped()
    {
        Script("hanging", UntilEnded("hanging"));
        Script("quick", _ => Password("one"));
        Assert.True(await RaceAsync());
        Assert.Equal(["one"], _delivered);
        Assert.Equal(["hanging"], _ended);
    }

    [Fact]
    public async Task The_password_is_delivered_before_the_other_plugins_are_stopped()
    {
        Script("hanging", async stop =>
        {
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.Single(_delivered);
            return PluginEnd.Without("ended");
        });
        Script("quick", async _ =>
        {
            await Task.Yield();
            return await Password("one");
        });
        Assert.True(await RaceAsync());
    }

    [Fact]
    public async Task A_second_password_is_not_delivered()
    {
        Script("late", async stop =>
        {
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await Password("two");
        });
        Script("quick", _ => Password("one"));
        Assert.True(await RaceAsync());
        Assert.Equal(["one"], _delivered);
    }

    [Fact]
    public async Task A_failed_plugin_does_not_run_again_and_does_not_stop_the_others()
    {
        var gate = new TaskCompletionSource();
        Script("failing", _ => Task.FromResult(PluginEnd.Without("exit status 1")));
        Script("slow", async _ =>
        {
            await gate.Task;
            return await Password("one");
        });
        var race = RaceAsync();
        _time.Advance(TimeSpan.FromHours(1));
        gate.SetResult();
        Assert.True(await race);
        Assert.Equal(2, _starts);
    }

    [Fact]
    public async Task There_is_no_password_if_there_are_no_plugins_or_all_fail()
    {
        Assert.False(await RaceAsync());
        Script("one", _ => Task.FromResult(PluginEnd.Without("exit status 1")));
        Script("two", _ => Task.FromResult(PluginEnd.Without("killed by signal 9")));
        Assert.False(await RaceAsync());
        Assert.Empty(_delivered);
    }

    [Fact]
    public async Task A_temporary_failure_is_retried_after_growing_pauses()
    {
        var later = Task.FromResult(PluginEnd.TryAgain("exit status 75"));
        Script("unsure", _ => later, _ => later, _ => later, _ => Password("at last"));
        var race = RaceAsync();
        foreach (var pause in new[] { 1, 2, 4 })
        {
            var before = _starts;
            await UntilAsync(() => _time.Armed == before);
            _time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(before, _starts);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await UntilAsync(() => _starts > before);
        }

        Assert.True(await race);
        Assert.Equal(["at last"], _delivered);
    }

    [Fact]
    public async Task Temporary_failures_become_final_so_that_the_prompt_appears()
    {
        Script(
            "never",
            [
                .. Enumerable.Repeat<Func<CancellationToken, Task<PluginEnd>>>(
                    _ => Task.FromResult(PluginEnd.TryAgain("exit status 75")), PluginRace.MostRestarts + 1)]);
        var race = RaceAsync();
        foreach (var pause in new[] { 1, 2, 4, 8, 16, 16 })
        {
            var before = _starts;
            await UntilAsync(() => _time.Armed == before);
            _time.Advance(TimeSpan.FromSeconds(pause));
            await UntilAsync(() => _starts > before);
        }

        Assert.False(await race);
        Assert.Equal(PluginRace.MostRestarts + 1, _starts);
        Assert.InRange(_time.GetUtcNow() - _time.Start, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_plugin_that_ran_for_a_long_time_starts_again_with_short_pauses()
    {
        const int runs = 20;
        Script("long", [.. Enumerable.Repeat<Func<CancellationToken, Task<PluginEnd>>>(_ =>
        {
            _time.Advance(TimeSpan.FromMinutes(2));
            return Task.FromResult(PluginEnd.TryAgain("exit status 75"));
        }, runs), _ => Password("at last")]);
        var race = RaceAsync();
        for (var run = 1; run <= runs; run++)
        {
            await UntilAsync(() => _time.Armed == run);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(await race);
        Assert.Equal(runs + 1, _starts);
    }

    [Fact]
    public async Task A_signal_stops_running_and_waiting_plugins_without_a_password()
    {
        using var stop = new CancellationTokenSource();
        Script("hanging", UntilEnded("hanging"));
        Script("waiting", _ => Task.FromResult(PluginEnd.TryAgain("exit status 75")));
        var race = RunUntilAsync(stop.Token);
        await stop.CancelAsync();
        Assert.False(await race);
        Assert.Equal(["hanging"], _ended);
        Assert.Empty(_delivered);
    }

    private static Task<PluginEnd> Password(string text) =>
        Task.FromResult(PluginEnd.With(SecretBuffer.CopyOf(Encoding.ASCII.GetBytes(text))));

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(1, TestContext.Current.CancellationToken);
    }

    private Func<CancellationToken, Task<PluginEnd>> UntilEnded(string name) => async stop =>
    {
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_ended)
            _ended.Add(name);
        return PluginEnd.Without("no longer needed");
    };

    private void Script(string plugin, params Func<CancellationToken, Task<PluginEnd>>[] runs) => _runs.Add(plugin, new(runs));

    private Task<bool> RaceAsync() => RunUntilAsync(TestContext.Current.CancellationToken);

    private Task<bool> RunUntilAsync(CancellationToken stop)
    {
        Assert.True(Mandos.Core.Linux.FileDescriptors.Descriptor.Pipe(out var read, out var write).Ok);
        read.Dispose();
        return new PluginRace(
            (plugin, over) =>
            {
                _starts++;
                return _runs[plugin.Name].Dequeue()(over);
            },
            password => _delivered.Add(Encoding.ASCII.GetString(password.Span)),
            new Messages("plugin-runner", debug: false, write.Number),
            _time).RunAsync([.. _runs.Keys.Select(name => new Plugin(name, name, isOwn: false))], stop);
    }

    /// <summary>Time that passes only when a timer waits for it: each pause is a timer.</summary>
    private sealed class ArmedTime : FakeTimeProvider
    {
        private int _armed;

        /// <summary>Timers that were started up to now.</summary>
        internal int Armed => Volatile.Read(ref _armed);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _armed);
            return timer;
        }
    }
}
