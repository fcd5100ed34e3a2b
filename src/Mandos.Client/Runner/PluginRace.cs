using Mandos.Client.Hosting;
using Mandos.Core.Durations;
using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>
/// Runs all plugins in parallel; the first password wins. A plugin with a temporary failure is restarted after a growing pause, but not
/// forever: in the end the user must be prompted.
/// </summary>
/// <param name="run">Runs a plugin once; when cancelled, stops it and returns.</param>
/// <param name="deliver">Borrows the first password, before the other plugins are stopped.</param>
/// <param name="messages">Prints why a plugin returned no password.</param>
/// <param name="time">Measures the pauses.</param>
internal sealed class PluginRace(
    Func<Plugin, CancellationToken, Task<PluginEnd>> run, Action<SecretBuffer> deliver, Messages messages, TimeProvider time)
{
    /// <summary>The maximum number of consecutive restarts without a long run.</summary>
    internal const int MostRestarts = 6;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(16);

    /// <summary>A run of this length was not a quick failure: the pauses start again from the first.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromMinutes(1);

    private int _won;

    /// <summary>Runs until all plugins have ended. True if a password was delivered.</summary>
    internal async Task<bool> RunAsync(IReadOnlyList<Plugin> plugins, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new Task[plugins.Count];
        for (var i = 0; i < running.Length; i++)
            running[i] = ContestAsync(plugins[i], over);
        await Task.WhenAll(running);
        return _won != 0;
    }

    private async Task ContestAsync(Plugin plugin, CancellationTokenSource over)
    {
        var pauses = new GrowingPause(FirstPause, LongestPause);
        var restarts = 0;
        while (!over.IsCancellationRequested)
        {
            var begin = time.GetTimestamp();
            var end = await run(plugin, over.Token);
            if (end.Password is { } password)
            {
                Win(password, over);
                return;
            }

            if (over.IsCancellationRequested)
                return;
            if (time.GetElapsedTime(begin) >= LongRun)
            {
                pauses.Reset();
                restarts = 0;
            }

            var failed = $"plugin \"{plugin.Name}\" gave no password: {end.Reason}";
            if (!end.IsTemporary || restarts++ >= MostRestarts)
            {
                messages.Warning(failed);
                return;
            }

            var pause = pauses.Take();
            messages.Warning($"{failed}; starting it again in {pause.TotalSeconds:0} s");
            await Task.Delay(pause, time, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Win(SecretBuffer password, CancellationTokenSource over)
    {
        using (password)
        {
            // A second password comes too late, and after a signal no password is wanted.
            if (over.IsCancellationRequested || Interlocked.Exchange(ref _won, 1) != 0)
                return;
            try
            {
                deliver(password);
            }
            finally
            {
                over.Cancel();
            }
        }
    }
}
