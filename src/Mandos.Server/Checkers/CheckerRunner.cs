using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>
/// Runs checkers through the shell, any number at once but never two for one client: one that is started while its
/// predecessor is still being ended waits for that. Disposed, it ends all that still run, within the time of grace.
/// </summary>
/// <remarks>What it calls back must not block, and must not call a method of it that waits.</remarks>
/// <param name="time">For the time of grace.</param>
/// <param name="log">For how checks end.</param>
/// <param name="failing">Keeps why checks failed; null: not needed.</param>
/// <param name="launcher">Starts them; null: from any thread.</param>
internal sealed class CheckerRunner(TimeProvider time, ILogger log, FailingChecks? failing = null, CheckerLauncher? launcher = null)
    : ICheckers, IAsyncDisposable
{
    // Killed processes end when the kernel gets round to it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CheckerShell _shell = new(launcher);
    private readonly CheckerReports _reports = new(failing ?? new(), log);
    private readonly Lock _lock = new();
    private readonly Dictionary<long, RunningCheck> _running = [];
    private readonly Dictionary<string, RunningCheck> _lastOf = [];
    private bool _disposed;

    /// <summary>From SIGTERM to SIGKILL.</summary>
    internal TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public void Start(string client, CheckerRun run, Action<ChildExit?> ended)
    {
        var check = new RunningCheck(client, run, ended, _shell, _reports, Grace, time);
        lock (_lock)
        {
            if (_disposed)
            {
                check.Dispose();
                return;
            }

            var before = _lastOf.GetValueOrDefault(client)?.Gone ?? Task.CompletedTask;
            _running.Add(run.Id, check);
            _lastOf[client] = check;
            check.Gone = Task.Run(() => RunAsync(check, before));
        }
    }

    /// <inheritdoc />
    public void Stop(CheckerRun run)
    {
        RunningCheck? check;
        lock (_lock)
            check = _running.GetValueOrDefault(run.Id);
        check?.Stop();
    }

    /// <summary>Ends all checks with their children: SIGTERM, and SIGKILL when the time of grace is over.</summary>
    public async ValueTask DisposeAsync()
    {
        RunningCheck[] left;
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            left = [.. _running.Values];
        }

        foreach (var check in left)
            check.Stop();
        var gone = Task.WhenAll(left.Select(c => c.Gone));
        try
        {
            await gone.WaitAsync(Grace + Patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            log.CheckersNotEnded(left.Count(c => !c.Gone.IsCompleted));
        }

        _shell.Dispose();
    }

    private async Task RunAsync(RunningCheck check, Task before)
    {
        await before.ConfigureAwait(false);
        await check.RunAsync().ConfigureAwait(false);
        lock (_lock)
        {
            _running.Remove(check.Run.Id);
            if (_lastOf.GetValueOrDefault(check.Client) == check)
                _lastOf.Remove(check.Client);
        }

        check.Dispose();
    }
}
