using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;

namespace Mandos.Server.Checkers;

/// <summary>
/// One check, from its start to the end of its last process. It ends when its shell ends, even if other processes keep its output open;
/// those are then stopped. Processes that create a session of their own (setsid(1)) are out of reach.
/// </summary>
internal sealed class RunningCheck(
    string client, CheckerRun run, Action<ChildExit?> ended, CheckerShell shell, CheckerReports reports, TimeSpan grace, TimeProvider time)
    : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CheckerOutput _output = new();
    private bool _isOver;

    internal string Client => client;

    internal CheckerRun Run => run;

    /// <summary>Completes when the check and all its processes have ended.</summary>
    internal Task Gone { get; set; } = Task.CompletedTask;

    /// <summary>Stops the check, which reports nothing from then on. Does not wait.</summary>
    internal void Stop()
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            _isOver = true;
            _stop.Cancel();
        }
    }

    /// <summary>Runs the check. Never fails: everything that happens is reported or logged.</summary>
    internal async Task RunAsync()
    {
        StartedChecker? started = null;
        try
        {
            (started, var error) = await shell.StartAsync(run.Command, _stop.Token).ConfigureAwait(false);
            if (started is not null)
            {
                await FollowAsync(started).ConfigureAwait(false);
                return;
            }

            reports.NotStarted(client, error.ToString());
            Tell(null);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The check was stopped before it started.
        }
        catch (Exception e)
        {
            // If a check were lost, its client would never be checked again, and be disabled.
            _ = started?.Process.SignalGroup(Signals.Kill);
            reports.Log.CheckInternalError(e, client);
            Tell(null);
        }
        finally
        {
            started?.Dispose();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _stop.Dispose();

    private async Task FollowAsync(StartedChecker checker)
    {
        reports.Log.CheckerStarted(client, run.Command);
        var pipe = checker.Output.Number;
        var process = checker.Process;
        // After the shell has ended, other processes with its output open are not waited for.
        using (shell.Watch.Watch(pipe, () => _output.ReadFrom(pipe)))
        {
            try
            {
                await process.UntilEndedAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await EndAsync(process).ConfigureAwait(false);
            }
        }

        _output.Drain(pipe);

        // While the process number and group still belong to the check.
        _ = process.SignalGroup(Signals.Term);
        var exit = await process.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        if (IsOver)
            reports.Log.CheckerStopped(client, exit, _output);
        else
            reports.Ended(client, run.Command, exit, _output);
        Tell(exit);
        if (!await process.EndRestOfGroupAsync(grace, time).ConfigureAwait(false))
            reports.Log.CheckerLeftProcesses(client);
    }

    private async Task EndAsync(ChildProcess process)
    {
        _ = process.SignalGroup(Signals.Term);
        using var limit = new CancellationTokenSource(grace, time);
        try
        {
            await process.UntilEndedAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = process.SignalGroup(Signals.Kill);
            await process.UntilEndedAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private bool IsOver
    {
        get
        {
            lock (_lock)
                return _isOver;
        }
    }

    /// <summary>
    /// Reports the end. The callback is made under the lock, so that nothing is reported after <see cref="Stop"/> has returned.
    /// </summary>
    private void Tell(ChildExit? exit)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            _isOver = true;
            ended(exit);
        }
    }
}
