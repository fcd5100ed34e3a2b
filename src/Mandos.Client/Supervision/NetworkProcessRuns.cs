using Mandos.Client.Hosting;
using Mandos.Client.Network;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>
/// The network process for the time of one fetch. What kills it (the kernel for want of memory above all) must not cost the
/// boot: it is started again a few times, and gets the messages that the one before it got. One that ends by itself has said why.
/// </summary>
/// <param name="programs">Where our own executable may be found.</param>
/// <param name="settings">Its settings.</param>
/// <param name="keys">What it is given; lent for as long as this lives.</param>
/// <param name="target">What it says is passed on to this descriptor.</param>
/// <param name="messages">Takes what becomes of it.</param>
/// <param name="time">Measures the time of grace.</param>
internal sealed class NetworkProcessRuns(
    IReadOnlyList<string> programs, NetworkProcessSettings settings, KeyFiles keys, int target, Messages messages, TimeProvider time)
        : IDisposable
{
    /// <summary>After that the caller of this program should start it again, after its own pause.</summary>
    internal const int MostRestarts = 2;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, InterfaceChange> _usable = [];
    private NetworkProcess? _process;
    private RouteRequests? _requests;
    private Func<Action<ControlMessage>, RouteRequests>? _begun;
    private bool _isEnding;

    /// <summary>Ends when there is a password, or when it is certain that there will be none.</summary>
    internal Task<FetchResult> Result { get; private set; } = Task.FromResult(new FetchResult(null, ExitCode.OsError));

    /// <summary>Starts the first one. Call on the thread that starts the program, before there is anything to wait for.</summary>
    internal bool TryStart(out string error)
    {
        if (!NetworkProcess.TryStart(programs, settings, keys, target, out _process, out error))
            return false;
        Result = RunAsync(_process);
        return true;
    }

    /// <summary>The hooks have run: it shall look for the password, and may ask for routes.</summary>
    internal void Begin(Func<Action<ControlMessage>, RouteRequests> requests)
    {
        lock (_lock)
        {
            _begun = requests;
            Order(_process!);
        }
    }

    /// <summary>An interface became usable or is gone.</summary>
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

    /// <summary>Ends it; there is no other one after that. May be called again.</summary>
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

    /// <summary>After <see cref="EndAsync"/>.</summary>
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
            // It said itself what is wrong.
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

/// <summary>What came of a fetch.</summary>
/// <param name="Password">
/// The password; null if there is none. Dispose it once it is used; <see cref="NetworkProcessRuns"/> does so at the latest.
/// </param>
/// <param name="ExitCode">How the program ends without one; the reason has been said.</param>
internal readonly record struct FetchResult(SecretBuffer? Password, int ExitCode);
