using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;

namespace Mandos.Server.Checkers;

/// <summary>
/// One check, from its start to the end of the last of its processes. It ends when its shell does, whatever holds its
/// output open; what it leaves behind is ended then. Out of reach is what begins its own session (setsid(1)).
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

    /// <summary>Completes when it and all its processes are gone.</summary>
    internal Task Gone { get; set; } = Task.CompletedTask;

    /// <summary>Ends it; from here on it reports nothing. Does not wait.</summary>
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

    /// <summary>Runs it. Never fails: whatever happens is reported or logged.</summary>
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
            // It was stopped before it started.
        }
        catch (Exception e)
        {
            // A client whose check is lost would never be checked again, and be disabled.
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
        // When the shell has ended, what still has its output open is not waited for.
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

        // While its number and its group are still its own.
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

    /// <summary>The callback is made under the lock, so that nothing is reported after <see cref="Stop"/> returned.</summary>
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
