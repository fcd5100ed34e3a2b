using Mandos.Core.Durations;

namespace Mandos.Server.Clients.Registry;

/// <summary>When the passing of time next matters to each client, with one timer for all of them.</summary>
internal sealed class DueTimes : IDisposable
{
    private readonly SortedSet<(TimeSpan Due, long Number)> _order = [];
    private readonly Dictionary<long, (TimeSpan Due, ClientEntry Entry)> _slots = [];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>When due clients were last processed.</summary>
    private TimeSpan? _awake;

    internal DueTimes(TimeProvider time, Action wake)
    {
        _time = time;
        _timer = time.CreateTimer(_ => wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The shortest time between two wakeups: with many clients, one wakeup serves several of them at little extra cost.</summary>
    internal TimeSpan Slack { get; set; }

    /// <summary>Sets when a client is next due; null if never.</summary>
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

    /// <summary>Takes the clients that are due, the earliest first.</summary>
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

    /// <summary>Sets the timer to the earliest due time, or to the other time if that is earlier.</summary>
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
