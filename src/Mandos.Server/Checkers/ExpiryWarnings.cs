using System.Globalization;
using Mandos.Core.Keys;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>
/// Warns of clients that are about to be disabled: when certain shares of the timeout are left without a successful check. This does not
/// depend on the end of checks, because one that hangs never fails.
/// </summary>
internal sealed class ExpiryWarnings : IClientObserver, IDisposable
{
    /// <summary>The longest wait; timers accept at most 49 days.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly DisableWarning _shares;
    private readonly FailingChecks _failing;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Watched, TimeSpan> _due = new();
    private readonly List<IWarningObserver> _observers = [];
    private TimeSpan _wakes = TimeSpan.MaxValue;

    /// <summary>Creates the warnings without any client.</summary>
    /// <param name="shares">When to warn.</param>
    /// <param name="failing">Why checks failed.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="log">Logs the warnings.</param>
    internal ExpiryWarnings(DisableWarning shares, FailingChecks failing, TimeProvider time, ILogger log)
    {
        _shares = shares;
        _failing = failing;
        _time = time;
        _log = log;
        _timer = time.CreateTimer(_ => Warn(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Adds an observer, which receives every later warning.</summary>
    internal void Join(IWarningObserver observer)
    {
        lock (_gate)
            _observers.Add(observer);
    }

    /// <inheritdoc />
    public void Observe(ClientTransition transition)
    {
        if (transition.After is { } after)
            Look(after);
        else if (transition.Before is { } before)
            Forget(before.Name);
    }

    /// <summary>Adds a client that exists at the start.</summary>
    internal void Look(ClientState client)
    {
        if (client is not { Enabled: true, Expires: { } end })
        {
            Forget(client.Name);
            return;
        }

        if (_shares.Percents.IsEmpty)
            return;
        lock (_gate)
        {
            if (!_watched.TryGetValue(client.Name, out var watched))
            {
                watched = new(client.Name);
                _watched.Add(client.Name, watched);
            }

            watched.LastStatus = client.LastCheckerStatus;
            if (watched.End == end && watched.Timeout == client.Settings.Timeout.Value)
                return;
            (watched.End, watched.Timeout, watched.Told) = (end, client.Settings.Timeout.Value, 0);
            Queue(watched);
            Arm();
        }
    }

    /// <inheritdoc />
    public void ObserveUnknown(KeyId key, string address)
    {
        // An unknown key has no timeout.
    }

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    private void Forget(string client)
    {
        lock (_gate)
        {
            if (_watched.Remove(client, out var watched))
                watched.IsGone = true;
        }

        _ = _failing.Remove(client);
    }

    private void Warn()
    {
        lock (_gate)
        {
            var now = Moment.Now(_time).Monotonic;
            _wakes = TimeSpan.MaxValue;
            while (_due.TryPeek(out var watched, out var at) && at <= now)
            {
                _ = _due.Dequeue();
                watched.IsQueued = false;
                if (watched.IsGone || watched.Told == _shares.Percents.Length)
                    continue;
                // A check may have succeeded since the client was queued.
                if (DueOf(watched) <= now)
                    Tell(watched, now);
                if (watched.Told < _shares.Percents.Length)
                    Queue(watched);
            }

            Arm();
        }
    }

    private void Tell(Watched watched, TimeSpan now)
    {
        while (watched.Told < _shares.Percents.Length && DueOf(watched) <= now)
            watched.Told++;
        var warning = new ExpiryWarning(
            watched.Client, watched.End.Wall, watched.End.Monotonic - now, watched.LastStatus, ReasonOf(watched));
        _log.ExpiresSoon(warning.Client, warning.End.ToString("u", CultureInfo.InvariantCulture), warning.Reason);
        foreach (var observer in _observers)
            observer.Warn(warning);
    }

    /// <summary>How the last check ended; what a check printed is not known after a restart of the server.</summary>
    private string ReasonOf(Watched watched) => _failing.Find(watched.Client)?.ToString() ?? watched.LastStatus switch
    {
        ClientState.NoCheckYet => "none has finished",
        ClientState.CheckKilled => "it was killed by a signal, or could not be started",
        0 => "it succeeded",
        var code => string.Create(CultureInfo.InvariantCulture, $"exit status {code}"),
    };

    private TimeSpan DueOf(Watched watched) => watched.End.Monotonic - watched.Timeout * (_shares.Percents[watched.Told] / 100.0);

    /// <summary>Queues a client once; it is examined when its time comes, which may be too early but never too late.</summary>
    private void Queue(Watched watched)
    {
        var due = DueOf(watched);
        if (watched.IsQueued && watched.QueuedFor <= due)
            return;
        if (watched.IsQueued)
            _ = _due.Remove(watched, out _, out _);
        (watched.IsQueued, watched.QueuedFor) = (true, due);
        _due.Enqueue(watched, due);
    }

    private void Arm()
    {
        if (!_due.TryPeek(out _, out var at) || at >= _wakes)
            return;
        _wakes = at;
        var wait = at - Moment.Now(_time).Monotonic;
        _ = _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait, Timeout.InfiniteTimeSpan);
    }

    private sealed class Watched(string client)
    {
        internal string Client => client;

        internal Moment End { get; set; }

        internal TimeSpan Timeout { get; set; }

        internal int LastStatus { get; set; }

        /// <summary>The number of warnings before this expiry.</summary>
        internal int Told { get; set; }

        internal bool IsQueued { get; set; }

        internal TimeSpan QueuedFor { get; set; }

        internal bool IsGone { get; set; }
    }
}
