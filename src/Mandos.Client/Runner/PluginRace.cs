using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>
/// All plugins at once; the first password wins. A plugin that failed for the moment is started again after a pause that
/// grows, but not for ever: at last somebody must be asked.
/// </summary>
/// <param name="run">Runs a plugin once; ends it when cancelled, and then ends by itself.</param>
/// <param name="messages">Takes why a plugin gave no password.</param>
/// <param name="time">Measures the pauses.</param>
internal sealed class PluginRace(Func<Plugin, CancellationToken, Task<PluginEnd>> run, Messages messages, TimeProvider time)
{
    /// <summary>Runs after the first one, without one that got further in between.</summary>
    internal const int MostRestarts = 6;

    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(16);

    /// <summary>A run that took this long was no quick failure: the pauses begin anew.</summary>
    private static readonly TimeSpan _longRun = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The first password, or null if there is none. What is left to do with it goes to <paramref name="deliver"/>; only
    /// then are the other plugins ended.
    /// </summary>
    internal async Task<int?> RunAsync(IReadOnlyList<Plugin> plugins, Func<SecretBuffer, int> deliver, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = new List<Task<SecretBuffer?>>();
        foreach (var plugin in plugins)
            running.Add(ContestAsync(plugin, over.Token));
        int? result = null;
        while (running.Count > 0)
        {
            var first = await Task.WhenAny(running);
            running.Remove(first);
            using var password = await first;
            if (password is null || result is not null || stop.IsCancellationRequested)
                continue;
            result = deliver(password);
            await over.CancelAsync();
        }

        return result;
    }

    private async Task<SecretBuffer?> ContestAsync(Plugin plugin, CancellationToken stop)
    {
        var pause = _firstPause;
        var restarts = 0;
        while (true)
        {
            var begin = time.GetTimestamp();
            var end = await run(plugin, stop);
            if (end.Password is not null || stop.IsCancellationRequested)
                return end.Password;
            if (time.GetElapsedTime(begin) >= _longRun)
                (pause, restarts) = (_firstPause, 0);
            if (!end.IsTemporary || restarts++ == MostRestarts)
            {
                messages.Warning($"plugin \"{plugin.Name}\" gave no password: {end.Reason}");
                return null;
            }

            messages.Warning($"plugin \"{plugin.Name}\" gave no password: {end.Reason}; it is started again in {pause.TotalSeconds:0} s");
            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return null;
            pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
        }
    }
}
