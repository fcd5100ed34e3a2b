using System.Runtime.ExceptionServices;
using Mandos.Core.Durations;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// Has saved what the registry worked out, one save after the other and never waiting for the disk, and remembers what it owes
/// the store while that cannot be written. Used by the registry's loop alone.
/// </summary>
/// <param name="store">Written by its own thread.</param>
/// <param name="time">Both clocks.</param>
/// <param name="logger">For failures.</param>
/// <param name="ended">Called by that thread when a save ended: <see cref="End"/> is wanted.</param>
internal sealed class DurableClients(IClientStore store, TimeProvider time, ILogger logger, Action<SaveAttempt> ended) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>How often it is said again.</summary>
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(10);

    private readonly SaveWriter _writer = new();
    private readonly HashSet<ClientEntry> _owed = [];
    private readonly HashSet<string> _owedRemovals = [];
    private readonly HashSet<ClientEntry> _late = [];
    private readonly GrowingPause _pause = new(FirstPause, LongestPause);
    private TimeSpan _told;
    private TimeSpan? _lateAt;

    /// <summary>How late the times of checks are saved: many at once cost little more than one.</summary>
    internal static TimeSpan Lateness { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the disk may take: longer than one that has to spin up first.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(15);

    /// <summary>The save that is under way; null if none is.</summary>
    internal SaveAttempt? Attempt { get; private set; }

    /// <summary>The save that is under way takes too long.</summary>
    internal bool IsStuck => Attempt is { IsOverdue: true };

    /// <summary>When something is to be done by itself, by the monotonic clock; null: nothing is.</summary>
    internal TimeSpan? NextAt => Attempt is { } attempt
        ? (attempt.IsOverdue ? null : attempt.Deadline)
        : RetryAt is { } retry && !(_lateAt < retry) ? retry : _lateAt;

    /// <summary>When to try again by itself, by the monotonic clock; null: nothing is owed.</summary>
    private TimeSpan? RetryAt { get; set; }

    /// <summary>Why it failed last; null while it works.</summary>
    internal string? Problem { get; private set; }

    private bool OwesSomething => _owed.Count > 0 || _owedRemovals.Count > 0;

    /// <summary>Begins to save these and what is owed, all or nothing.</summary>
    /// <param name="changed">What differs from what was saved last.</param>
    /// <param name="removed">A client that is gone.</param>
    /// <param name="isWanted">A caller waits for the outcome: it is tried, however recently it failed.</param>
    /// <param name="conclude">Called with the outcome, if it begins.</param>
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

    /// <summary>Begins to replace all that was saved.</summary>
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
            // What it leaves behind could not be distinguished from what was there before.
            CanBeGivenUp = false,
        });
        return SaveBeginning.Begun;
    }

    /// <summary>The outcome of a save that ended is taken up.</summary>
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

    /// <summary>What takes too long counts as failed, and the clients go on without it.</summary>
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

    /// <summary>The disk does not answer.</summary>
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

    /// <summary>Begins to save what is owed or was postponed, if its time has come.</summary>
    internal void SaveDue()
    {
        var now = Moment.Now(time);
        if (Attempt is null && RetryAt <= now.Monotonic)
            Begin([], null, null, now);
        if (Attempt is null && _lateAt <= now.Monotonic)
            SaveLate(now);
    }

    /// <summary>
    /// Begins to save what is owed or was postponed, at the end; false if there is nothing to save any more, or it cannot be
    /// saved.
    /// </summary>
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

    /// <summary>Of these the times alone are to be saved, some time later: until then a crash gives them an earlier end.</summary>
    internal void Postpone(IEnumerable<ClientEntry> late)
    {
        _late.UnionWith(late);
        if (_late.Count > 0)
            _lateAt ??= Moment.Now(time).Monotonic + Lateness;
    }

    /// <summary>These are effective though they could not be saved.</summary>
    internal void Defer(IEnumerable<ClientEntry> changed)
    {
        _owed.UnionWith(changed);
        Remind();
    }

    /// <summary>This one is gone though it could not be saved.</summary>
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
        // Who came back under an old name is not gone.
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
        // What decides is owed: that comes first.
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

    /// <summary>Of these nothing is to be saved later any more.</summary>
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
        // What the store has of them may be neither what it was nor what they are.
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
