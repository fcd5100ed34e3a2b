using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>busctl(1) that watches the system bus of a machine: every signal, in the order of the bus.</summary>
public sealed class BusMonitor
{
    private static readonly TimeSpan ADay = TimeSpan.FromDays(1);
    private readonly Machine _machine;
    private readonly RunningProcess _process;
    private readonly List<BusSignal> _signals = [];
    private readonly Task _reading;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BusMonitor(Machine machine, RunningProcess process, CancellationToken cancellationToken)
    {
        _machine = machine;
        _process = process;
        _reading = ReadAsync(cancellationToken);
    }

    /// <summary>How many signals there were up to now.</summary>
    public int Count
    {
        get
        {
            lock (_signals)
                return _signals.Count;
        }
    }

    /// <summary>Starts it, and waits until it sees what happens.</summary>
    public static async Task<BusMonitor> StartAsync(Machine machine, CancellationToken cancellationToken)
    {
        var process = machine.Start(
            new() { Input = null }, "/usr/bin/busctl", "--system", "--json=short", "--match=type='signal'", "monitor");
        var monitor = new BusMonitor(machine, process, cancellationToken);
        // It does not say when it is ready.
        while (monitor.Count == 0)
            await monitor.AskAsync(null, cancellationToken);
        return monitor;
    }

    /// <summary>The signals from a position on.</summary>
    public IReadOnlyList<BusSignal> Since(int position)
    {
        lock (_signals)
            return [.. _signals.Skip(position)];
    }

    /// <summary>Waits, for <paramref name="limit"/> or longer, for a signal at or after a position.</summary>
    public async Task<BusSignal> WaitAsync(
        int position, Func<BusSignal, bool> wanted, string what, TimeSpan limit, CancellationToken cancellationToken)
    {
        limit = Patience.AtLeast(limit);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        while (true)
        {
            Task more;
            lock (_signals)
                more = _more.Task;
            if (Since(position).FirstOrDefault(wanted) is { } found)
                return found;
            if (_reading.IsCompleted)
                throw new InvalidOperationException($"the monitor of the bus ended: {_process.Errors}", _reading.Exception);
            try
            {
                await more.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"no {what} on the bus within {limit.TotalSeconds} s; instead:\n{string.Join('\n', Since(position).TakeLast(40))}");
            }
        }
    }

    /// <summary>
    /// Waits until everything is seen that was sent before <paramref name="name"/> (null: the bus itself) answers a question
    /// of now.
    /// </summary>
    public async Task CatchUpAsync(string? name, CancellationToken cancellationToken)
    {
        var position = Count;
        await AskAsync(name, cancellationToken);
        // The connection that asked came after this position, and goes after the answer.
        await WaitAsync(
            position, gone =>
                gone.Member == "NameOwnerChanged"
                    && Since(position).Any(come => come.IsOwnerChange(gone.Arguments[0].GetString()!, owned: true))
                && gone.IsOwnerChange(gone.Arguments[0].GetString()!, owned: false),
            "end of a connection", TimeSpan.FromSeconds(20), cancellationToken);
    }

    private async Task AskAsync(string? name, CancellationToken cancellationToken) => (await _machine.RunAsync(
        new(), TimeSpan.FromSeconds(20), cancellationToken, "/usr/bin/dbus-send",
        "--system", "--print-reply", "--reply-timeout=15000", $"--dest={name ?? "org.freedesktop.DBus"}", "/",
        name is null ? "org.freedesktop.DBus.GetId" : "org.freedesktop.DBus.Peer.Ping")).OrThrow();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (BusSignal.Parse(await _process.WaitForLineAsync("^{", ADay, cancellationToken)) is not { } signal)
                continue;
            TaskCompletionSource told;
            lock (_signals)
            {
                _signals.Add(signal);
                (told, _more) = (_more, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            told.SetResult();
        }
    }
}
