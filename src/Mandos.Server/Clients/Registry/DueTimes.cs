using Mandos.Core.Durations;

namespace Mandos.Server.Clients.Registry;

/// <summary>When the passing of time matters to which client, and one timer for all of them.</summary>
internal sealed class DueTimes : IDisposable
{
    private readonly SortedSet<(TimeSpan Due, long Number)> _order = [];
    private readonly Dictionary<long, (TimeSpan Due, ClientEntry Entry)> _slots = [];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>When time passed for clients last.</summary>
    private TimeSpan? _awake;

    internal DueTimes(TimeProvider time, Action wake)
    {
        _time = time;
        _timer = time.CreateTimer(_ => wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// From one wake to the next at least: with many clients several are woken at once, which costs little more than one.
    /// </summary>
    internal TimeSpan Slack { get; set; }

    /// <summary>When time is to pass for a client; null: never.</summary>
    internal void Set(ClientEntry entry, TimeSpan? due)
    {
        if (_slots.TryGetValue(entry.Number, out var old))
        {
            if (old.Due == due)
                return;
            _order.Remove((old.Due, entry.Number));
            _slots.Remove(entry.Number);
        }

        if (due is not { } time)
            return;
        _order.Add((time, entry.Number));
        _slots.Add(entry.Number, (time, entry));
    }

    /// <summary>Those whose time has come, the earliest first.</summary>
    internal List<ClientEntry> Due(TimeSpan now)
    {
        var due = new List<ClientEntry>();
        foreach (var (time, number) in _order)
        {
            if (time > now)
                break;
            due.Add(_slots[number].Entry);
        }

        if (due.Count > 0)
            _awake = now;
        return due;
    }

    /// <summary>Sets the timer to the earliest time, or to another one that is earlier still.</summary>
    internal void Arm(TimeSpan? other)
    {
        TimeSpan? next = _order.Count == 0 ? null : _order.Min.Due;
        if (other is { } earlier && !(next < earlier))
            next = earlier;
        if (Slack > TimeSpan.Zero && next < _awake + Slack)
            next = _awake + Slack;
        _timer.Change(
            next is { } due ? TimerTime.Of(due - Moment.Now(_time).Monotonic) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();
}
