using Mandos.Client.Hosting;
using Mandos.Core.Durations;
using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>
/// All plugins at once; the first password wins. A plugin that failed for the moment is started again after a pause that
/// grows, but not forever: in the end the user must be asked.
/// </summary>
/// <param name="run">Runs a plugin once; ends it when cancelled, and then ends by itself.</param>
/// <param name="deliver">Takes the first password, before the other plugins are ended; it only borrows it.</param>
/// <param name="messages">Takes why a plugin gave no password.</param>
/// <param name="time">Measures the pauses.</param>
internal sealed class PluginRace(
    Func<Plugin, CancellationToken, Task<PluginEnd>> run, Action<SecretBuffer> deliver, Messages messages, TimeProvider time)
{
    /// <summary>Runs after the first one, without one among them that took longer.</summary>
    internal const int MostRestarts = 6;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(16);

    /// <summary>A run that took this long was not a quick failure: the pauses start again with the first.</summary>
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
            // A second one comes too late, and one after a signal is not wanted any more.
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
