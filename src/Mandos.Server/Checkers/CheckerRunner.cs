using Mandos.Core.Linux.Processes;
using Mandos.Core.Text;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>
/// Runs checkers through the shell: any number in parallel, but one per client at most. A check that is started while its predecessor is
/// being stopped waits for that. Disposal stops all running checks within the grace period.
/// </summary>
/// <remarks>Callbacks must not block, and must not call a method of this class that waits.</remarks>
/// <param name="time">The clock for the grace period.</param>
/// <param name="log">Logs how checks end.</param>
/// <param name="failing">Keeps why checks failed; null if not needed.</param>
/// <param name="launcher">Starts the checkers; null to start them from any thread.</param>
internal sealed class CheckerRunner(TimeProvider time, ILogger log, FailingChecks? failing = null, CheckerLauncher? launcher = null)
    : ICheckers, IAsyncDisposable
{
    // The kernel may take a moment to end killed processes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CheckerShell _shell = new(launcher);
    private readonly CheckerReports _reports = new(failing ?? new(), log);
    private readonly Lock _lock = new();
    private readonly Dictionary<long, RunningCheck> _running = [];
    private readonly Dictionary<string, RunningCheck> _lastOf = [];
    private bool _disposed;

    /// <summary>The grace period from SIGTERM to SIGKILL.</summary>
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

    /// <summary>Stops all checks and their children: SIGTERM, and SIGKILL after the grace period.</summary>
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
            log.CheckersNotEnded(Quantity.Of(left.Count(c => !c.Gone.IsCompleted), "checker"));
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
