using System.Runtime.ExceptionServices;
using Mandos.Core.Durations;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// Saves the registry's changes, one save at a time and without blocking on the disk, and remembers what is still unsaved while the store
/// cannot be written. Used only by the registry's loop.
/// </summary>
/// <param name="store">The store, which a thread of its own writes.</param>
/// <param name="time">The clocks.</param>
/// <param name="logger">Logs failures.</param>
/// <param name="ended">Called by that thread when a save has ended; the loop must then call <see cref="End"/>.</param>
internal sealed class DurableClients(IClientStore store, TimeProvider time, ILogger logger, Action<SaveAttempt> ended) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>How often a continuing failure is logged again.</summary>
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(10);

    private readonly SaveWriter _writer = new();
    private readonly HashSet<ClientEntry> _owed = [];
    private readonly HashSet<string> _owedRemovals = [];
    private readonly HashSet<ClientEntry> _late = [];
    private readonly GrowingPause _pause = new(FirstPause, LongestPause);
    private TimeSpan _told;
    private TimeSpan? _lateAt;

    /// <summary>How long the times of checks may remain unsaved: saving many together costs little more than saving one.</summary>
    internal static TimeSpan Lateness { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a save may take: longer than a disk needs to spin up.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(15);

    /// <summary>The save that is in progress; null if there is none.</summary>
    internal SaveAttempt? Attempt { get; private set; }

    /// <summary>Whether the save in progress has exceeded its time limit.</summary>
    internal bool IsStuck => Attempt is { IsOverdue: true };

    /// <summary>When the next action is due, by the monotonic clock; null if none is.</summary>
    internal TimeSpan? NextAt => Attempt is { } attempt
        ? (attempt.IsOverdue ? null : attempt.Deadline)
        : RetryAt is { } retry && !(_lateAt < retry) ? retry : _lateAt;

    /// <summary>When to retry, by the monotonic clock; null if nothing is unsaved.</summary>
    private TimeSpan? RetryAt { get; set; }

    /// <summary>Why the last save failed; null if it succeeded.</summary>
    internal string? Problem { get; private set; }

    private bool OwesSomething => _owed.Count > 0 || _owedRemovals.Count > 0;

    /// <summary>Begins to save these changes together with everything that is still unsaved, all or none.</summary>
    /// <param name="changed">Clients that differ from their last saved state.</param>
    /// <param name="removed">The name of a removed client.</param>
    /// <param name="isWanted">A caller waits for the outcome: the save is tried however recently one failed.</param>
    /// <param name="conclude">Called with the outcome if the save begins.</param>
    internal SaveBeginning Begin(IReadOnlyCollection<ClientEntry> changed, string? removed, bool isWanted, Action<SaveOutcome> conclude)
    {
        var now = Moment.Now(time);
        if (Attempt is not null)
            return IsStuck || (Problem is not null && !isWanted) ? SaveBeginning.Refused : SaveBeginning.Busy;
        if (Problem is not null && !isWanted && !(RetryAt <= now.Monotonic))
            return SaveBeginning.Refused;
        Begin(changed, removed, conclude, now);
        return SaveBeginning.Begun;
    }

    /// <summary>Begins to replace everything that was saved.</summary>
    internal SaveBeginning BeginReplacement(
        IReadOnlyCollection<ClientEntry> table, IReadOnlyList<ClientState> dormant, IReadOnlyList<ConfiguredClient> configured,
        Action<SaveOutcome> conclude)
    {
        if (Attempt is not null)
            return IsStuck ? SaveBeginning.Refused : SaveBeginning.Busy;
        var now = Moment.Now(time);
        IReadOnlyList<ClientState> clients = [.. table.Select(s => s.Working!), .. dormant];
        Start(new SaveAttempt(() => store.Replace(clients, configured, now), table)
        {
            Conclude = conclude,
            Late = TakeLate([.. _late]),
            Removals = [.. _owedRemovals],
            // An interrupted replacement could not be distinguished from the previous content.
            CanBeGivenUp = false,
        });
        return SaveBeginning.Begun;
    }

    /// <summary>Processes the outcome of a save that has ended.</summary>
    internal void End(SaveAttempt attempt)
    {
        if (Attempt != attempt)
            return;
        Attempt = null;
        switch (attempt.Ended.GetAwaiter().GetResult())
        {
            case null:
                Succeed(attempt);
                Conclude(attempt, SaveOutcome.Saved);
                break;
            case StoreException e:
                PutBack(attempt);
                Fail(e.Message);
                Conclude(attempt, SaveOutcome.Failed);
                break;
            case var defect:
                ExceptionDispatchInfo.Throw(defect);
                break;
        }
    }

    /// <summary>Gives up a save that exceeds its time limit, so that the clients continue without it.</summary>
    /// <param name="stoodStill">The process did not run for a while, and neither did the save.</param>
    internal void Look(bool stoodStill)
    {
        if (Attempt is not { IsOverdue: false } attempt)
            return;
        var now = Moment.Now(time).Monotonic;
        if (attempt.Ended.IsCompleted)
            End(attempt);
        else if (stoodStill)
            attempt.Deadline = now + Patience;
        else if (attempt.Deadline <= now)
            GiveUp(attempt);
    }

    /// <summary>Treats a save as failed because the disk does not respond.</summary>
    internal void GiveUp(SaveAttempt attempt)
    {
        attempt.IsOverdue = true;
        Fail("the disk does not respond");
        if (!attempt.CanBeGivenUp)
            return;
        attempt.IsGivenUp = true;
        PutBack(attempt);
        attempt.Conclude?.Invoke(SaveOutcome.Unknown);
    }

    /// <summary>Begins to save what is unsaved or postponed, if it is due.</summary>
    internal void SaveDue()
    {
        var now = Moment.Now(time);
        if (Attempt is null && RetryAt <= now.Monotonic)
            Begin([], null, null, now);
        if (Attempt is null && _lateAt <= now.Monotonic)
            SaveLate(now);
    }

    /// <summary>Begins to save what is unsaved or postponed, at shutdown; false if nothing remains or it cannot be saved.</summary>
    internal bool SaveRest()
    {
        if (Attempt is not null)
            return false;
        if (RetryAt is not null)
            Begin([], null, null, Moment.Now(time));
        else if (_lateAt is not null)
            SaveLate(Moment.Now(time));
        return Attempt is not null;
    }

    /// <summary>Postpones saving the times of these clients. After a crash before that save, they expire earlier.</summary>
    internal void Postpone(IEnumerable<ClientEntry> late)
    {
        _late.UnionWith(late);
        if (_late.Count > 0)
            _lateAt ??= Moment.Now(time).Monotonic + Lateness;
    }

    /// <summary>Records that these clients have effective changes that could not be saved.</summary>
    internal void Defer(IEnumerable<ClientEntry> changed)
    {
        _owed.UnionWith(changed);
        Remind();
    }

    /// <summary>Records that this client was removed but the removal could not be saved.</summary>
    internal void OweRemoval(ClientEntry removed)
    {
        _owed.Remove(removed);
        _owedRemovals.Add(removed.Name);
        Remind();
    }

    /// <inheritdoc />
    public void Dispose() => _writer.Dispose();

    private void Begin(IReadOnlyCollection<ClientEntry> changed, string? removed, Action<SaveOutcome>? conclude, Moment now)
    {
        var entries = changed.Union(_owed).ToList();
        var states = entries.Select(s => s.Working).OfType<ClientState>().ToList();
        var names = states.Select(s => s.Name).ToHashSet();
        // A client that was added again under the same name is not removed.
        var gone = _owedRemovals.Where(n => !names.Contains(n)).ToList();
        if (removed is not null && !gone.Contains(removed))
            gone.Add(removed);
        Start(new SaveAttempt(() => store.Save(states, gone, now), entries)
        {
            Conclude = conclude,
            Late = TakeLate(entries),
            Removals = [.. _owedRemovals],
        });
    }

    private void SaveLate(Moment now)
    {
        // Unsaved decisive changes come first.
        if (RetryAt is not null)
        {
            _lateAt = now.Monotonic + Lateness;
            return;
        }

        var entries = TakeLate([.. _late]);
        var states = entries.Select(s => s.Working).OfType<ClientState>().ToList();
        if (states.Count > 0)
            Start(new SaveAttempt(() => store.SaveTimes(states, now), entries) { Late = entries, IsAboutTimes = true });
    }

    private void Start(SaveAttempt attempt)
    {
        attempt.Deadline = Moment.Now(time).Monotonic + Patience;
        Attempt = attempt;
        _writer.Add(() =>
        {
            attempt.Run();
            ended(attempt);
        });
    }

    /// <summary>Takes these clients out of the postponed ones.</summary>
    private HashSet<ClientEntry> TakeLate(IEnumerable<ClientEntry> entries)
    {
        var taken = entries.Where(_late.Contains).ToHashSet();
        _late.ExceptWith(taken);
        if (_late.Count == 0)
            _lateAt = null;
        return taken;
    }

    private static void Conclude(SaveAttempt attempt, SaveOutcome outcome)
    {
        if (!attempt.IsGivenUp)
            attempt.Conclude?.Invoke(outcome);
    }

    private void Succeed(SaveAttempt attempt)
    {
        if (!attempt.IsGivenUp)
        {
            _owed.RemoveWhere(entry => entry.Working is null || attempt.Holds(entry));
            _owedRemovals.ExceptWith(attempt.Removals);
        }

        _pause.Reset();
        RetryAt = OwesSomething ? Moment.Now(time).Monotonic : null;
        if (OwesSomething)
            return;
        if (Problem is not null)
            logger.SavedAgain();
        Problem = null;
    }

    private void PutBack(SaveAttempt attempt)
    {
        Postpone(attempt.Late);
        // The store may contain neither their previous nor their current state.
        if (attempt is { IsGivenUp: true, IsAboutTimes: false })
            Defer(attempt.Entries.Where(entry => entry.Working is not null));
    }

    private void Fail(string problem)
    {
        var now = Moment.Now(time).Monotonic;
        if (Problem is null || now - _told >= Reminder)
        {
            logger.NotSaved(problem);
            _told = now;
        }

        Problem = problem;
        if (RetryAt is null)
            return;
        RetryAt = now + _pause.Take();
    }

    private void Remind()
    {
        if (OwesSomething)
            RetryAt ??= Moment.Now(time).Monotonic + _pause.Next;
    }
}
