using Mandos.Client.Hosting;
using Mandos.Client.Network;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>
/// The network process during one fetch. If it is killed (typically by the kernel, for lack of memory), the boot must not fail: it is
/// restarted a few times, and gets the same messages as its predecessor. If it exits by itself, it has printed the reason.
/// </summary>
/// <param name="programs">The possible paths of our own executable.</param>
/// <param name="settings">Its settings.</param>
/// <param name="keys">The key files to pass on; borrowed for the lifetime of this object.</param>
/// <param name="target">The descriptor to which messages are relayed.</param>
/// <param name="messages">Prints how the process ends.</param>
/// <param name="time">The clock for the grace period.</param>
internal sealed class NetworkProcessRuns(
    IReadOnlyList<string> programs, NetworkProcessSettings settings, KeyFiles keys, int target, Messages messages, TimeProvider time)
        : IDisposable
{
    /// <summary>After these restarts, the caller of this program should start it again after a pause.</summary>
    internal const int MostRestarts = 2;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, InterfaceChange> _usable = [];
    private NetworkProcess? _process;
    private RouteRequests? _requests;
    private Func<Action<ControlMessage>, RouteRequests>? _begun;
    private bool _isEnding;

    /// <summary>Completes when there is a password, or when there certainly will be none.</summary>
    internal Task<FetchResult> Result { get; private set; } = Task.FromResult(new FetchResult(null, ExitCode.OsError));

    /// <summary>Starts the first process. Must be called on the thread that starts the program, before any wait.</summary>
    internal bool TryStart(out string error)
    {
        if (!NetworkProcess.TryStart(programs, settings, keys, target, out _process, out error))
            return false;
        Result = RunAsync(_process);
        return true;
    }

    /// <summary>Lets the process look for the password and request routes, because the hooks have run.</summary>
    internal void Begin(Func<Action<ControlMessage>, RouteRequests> requests)
    {
        lock (_lock)
        {
            _begun = requests;
            Order(_process!);
        }
    }

    /// <summary>Reports that an interface became usable or disappeared.</summary>
    internal void Tell(InterfaceChange change)
    {
        lock (_lock)
        {
            if (change.Usable)
                _usable[change.Index] = change;
            else
                _usable.Remove(change.Index);
            if (_begun is not null)
                _process!.Send(Message(change));
        }
    }

    /// <summary>Stops the process; no other one is started after that. May be called again.</summary>
    internal async Task EndAsync()
    {
        NetworkProcess? process;
        lock (_lock)
        {
            _isEnding = true;
            process = _process;
        }

        if (process is not null)
            await process.EndAsync(time);
        await Result;
    }

    /// <summary>Must be called after <see cref="EndAsync"/>.</summary>
    public void Dispose()
    {
        _process?.Dispose();
        if (Result.IsCompletedSuccessfully)
            Result.Result.Password?.Dispose();
    }

    private async Task<FetchResult> RunAsync(NetworkProcess process)
    {
        for (var restarts = 0; ; restarts++)
        {
            if (await process.Password is { } password)
                return new FetchResult(password, ExitCode.Success);
            var endedByItself = await process.FinishAsync(time);
            var exit = await process.EndAsync(time);
            // The process has printed the reason.
            if (exit.ExitCode is ExitCode.Unavailable or ExitCode.OsError or ExitCode.Software)
                return new FetchResult(null, exit.ExitCode.Value);
            lock (_lock)
            {
                if (_isEnding)
                    return new FetchResult(null, ExitCode.OsError);
                var what = endedByItself
                    ? $"the network process exited without a password: {exit}"
                    : "the network process gave no password and did not exit";
                var wasKilled = exit.Signal is not null;
                if (!wasKilled || restarts == MostRestarts || !keys.Rewind())
                    return Fail(wasKilled ? ExitCode.TemporaryFailure : ExitCode.OsError, what);
                messages.Warning($"{what}; starting it again");
                if (!TryStartAgain(out var error))
                    return Fail(ExitCode.OsError, error);
                process = _process!;
            }
        }
    }

    private bool TryStartAgain(out string error)
    {
        _requests?.RemoveAll();
        _requests = null;
        _process!.Dispose();
        if (!NetworkProcess.TryStart(programs, settings, keys, target, out var process, out error))
            return false;
        _process = process;
        if (_begun is not null)
            Order(process);
        return true;
    }

    private void Order(NetworkProcess process)
    {
        _requests = _begun!(process.Send);
        process.Listen(_requests.Handle);
        foreach (var change in _usable.Values)
            process.Send(Message(change));
        process.Send(new ControlMessage(ControlKind.Begin));
    }

    private FetchResult Fail(int exitCode, string text)
    {
        messages.Error(text);
        return new FetchResult(null, exitCode);
    }

    private static ControlMessage Message(InterfaceChange change) =>
        new(change.Usable ? ControlKind.InterfaceUsable : ControlKind.InterfaceGone, InterfaceIndex: change.Index, Name: change.Name);
}

/// <summary>The result of a fetch.</summary>
/// <param name="Password">The password; null if there is none. Dispose it after use; <see cref="NetworkProcessRuns"/> does so at the
/// latest.</param>
/// <param name="ExitCode">The exit code of the program if there is no password; the reason has been printed.</param>
internal readonly record struct FetchResult(SecretBuffer? Password, int ExitCode);
