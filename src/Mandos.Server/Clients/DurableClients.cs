using Mandos.Server.Logging;
using Mandos.Server.Store;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients;

/// <summary>
/// Saves what the registry worked out, and remembers what it owes the store while that cannot be written. Used by the
/// registry's loop alone.
/// </summary>
internal sealed class DurableClients(IClientStore store, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>How often it is said again.</summary>
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(10);

    private readonly HashSet<ClientSlot> _owed = [];
    private readonly HashSet<string> _owedRemovals = [];
    private readonly HashSet<ClientSlot> _late = [];
    private TimeSpan _pause = FirstPause;
    private TimeSpan _told;
    private TimeSpan? _lateAt;

    /// <summary>How late the times of checks are saved: many at once cost little more than one.</summary>
    internal static TimeSpan Lateness { get; } = TimeSpan.FromSeconds(10);

    /// <summary>When something is to be saved by itself, by the monotonic clock; null: nothing is.</summary>
    internal TimeSpan? NextAt => RetryAt is { } retry && !(_lateAt < retry) ? retry : _lateAt;

    /// <summary>When to try again by itself, by the monotonic clock; null: nothing is owed.</summary>
    private TimeSpan? RetryAt { get; set; }

    /// <summary>Why it failed last; null while it works.</summary>
    internal string? Problem { get; private set; }

    /// <summary>Saves these and what is owed, all or nothing.</summary>
    /// <param name="changed">What differs from what was saved last.</param>
    /// <param name="removed">A client that is gone.</param>
    /// <param name="isWanted">Somebody waits for the outcome: it is tried however lately it failed.</param>
    /// <returns>False if these are not durable.</returns>
    internal bool TrySave(IReadOnlyCollection<ClientSlot> changed, string? removed, bool isWanted)
    {
        var now = Moment.Now(time);
        var isRetry = RetryAt <= now.Monotonic;
        if (changed.Count == 0 && removed is null && !isRetry)
            return true;
        if (Problem is not null && !isRetry && !isWanted)
            return false;
        return TrySave(changed, removed, now);
    }

    /// <summary>A last chance for what is owed.</summary>
    internal void SaveOwed()
    {
        if (RetryAt is not null)
            _ = TrySave([], null, Moment.Now(time));
        SaveLate(Moment.Now(time));
    }

    /// <summary>Of these the times alone are to be saved, some time later: until then a crash gives them an earlier end.</summary>
    internal void Postpone(IEnumerable<ClientSlot> late)
    {
        _late.UnionWith(late);
        if (_late.Count > 0)
            _lateAt ??= Moment.Now(time).Monotonic + Lateness;
    }

    /// <summary>Saves what was postponed, if its time has come.</summary>
    internal void SaveLate()
    {
        var now = Moment.Now(time);
        if (_lateAt <= now.Monotonic)
            SaveLate(now);
    }

    /// <summary>Replaces all that was saved.</summary>
    internal bool TryReplace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured) =>
        Try(() => store.Replace(clients, configured, Moment.Now(time)), _late);

    /// <summary>These are effective though they could not be saved.</summary>
    internal void Owe(IEnumerable<ClientSlot> changed)
    {
        _owed.UnionWith(changed);
        Remind();
    }

    /// <summary>This one is gone though it could not be saved.</summary>
    internal void OweRemoval(ClientSlot removed)
    {
        _owed.Remove(removed);
        _owedRemovals.Add(removed.Name);
        Remind();
    }

    private bool TrySave(IReadOnlyCollection<ClientSlot> changed, string? removed, Moment now)
    {
        var slots = changed.Union(_owed).ToList();
        var states = slots.Select(s => s.Working).OfType<ClientState>().ToList();
        var names = states.Select(s => s.Name).ToHashSet();
        // Who came back under an old name is not gone.
        var gone = _owedRemovals.Where(n => !names.Contains(n)).ToList();
        if (removed is not null && !gone.Contains(removed))
            gone.Add(removed);
        return Try(() => store.Save(states, gone, now), slots);
    }

    private void SaveLate(Moment now)
    {
        var states = _late.Select(s => s.Working).OfType<ClientState>().ToList();
        // What decides is owed: that comes first.
        var isSaved = states.Count == 0 || (RetryAt is null && Try(() => store.SaveTimes(states, now), [.. _late]));
        if (isSaved)
            _late.Clear();
        _lateAt = isSaved ? null : now.Monotonic + Lateness;
    }

    private void Remind()
    {
        if (_owed.Count > 0 || _owedRemovals.Count > 0)
            RetryAt ??= Moment.Now(time).Monotonic + _pause;
    }

    /// <param name="save">All that is owed, too.</param>
    /// <param name="slots">Those who are saved by it as they are.</param>
    private bool Try(Action save, IReadOnlyCollection<ClientSlot> slots)
    {
        try
        {
            save();
        }
        catch (StoreException e)
        {
            var now = Moment.Now(time).Monotonic;
            if (Problem is null || now - _told >= Reminder)
            {
                logger.NotSaved(e.Message);
                _told = now;
            }

            Problem = e.Message;
            if (RetryAt is not null)
            {
                RetryAt = now + _pause;
                _pause = _pause * 2 > LongestPause ? LongestPause : _pause * 2;
            }

            return false;
        }

        if (Problem is not null)
            logger.SavedAgain();
        Problem = null;
        RetryAt = null;
        _pause = FirstPause;
        _owed.Clear();
        _owedRemovals.Clear();
        _late.ExceptWith(slots);
        return true;
    }
}
