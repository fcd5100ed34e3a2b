namespace Mandos.Server.Clients.Registry;

/// <summary>What is being saved, and what waits for that.</summary>
internal sealed partial class ClientRegistry
{
    /// <summary>How long a stop waits for the disk, all in all.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    private readonly List<ClientSlot> _held = [];

    /// <summary>What came before the rest, and waited.</summary>
    private readonly Queue<RegistryWork> _again = [];

    private List<RegistryWork> _deferred = [];
    private RegistryTurn? _saving;
    private bool _savesTable;
    private bool _isTableHeld;
    private TimeSpan? _stopBy;

    /// <summary>The disk has not answered: the store must not be touched.</summary>
    internal bool IsStoreInUse => _durable.Attempt is { Ended.IsCompleted: false };

    /// <summary>A save is under way, or its outcome is not taken up yet.</summary>
    internal bool IsSaving => _durable.Attempt is not null;

    /// <summary>What needs the store waits for a save that is under way.</summary>
    private bool MustWait => _durable.Attempt is not null && (_savesTable || !_durable.IsStuck);

    /// <summary>
    /// What is to be worked out now, with what is due. A client whose request nothing blocks gets it
    /// at once; what happens to a client of which something is being saved waits.
    /// </summary>
    private List<RegistryWork> Sort(List<RegistryWork> happenings)
    {
        var works = new List<RegistryWork>();
        var wanted = new HashSet<ClientSlot>();
        foreach (var work in TakeDue().Concat(happenings.SelectMany(Parts)))
        {
            if (SlotOf(work) is not { } slot)
            {
                // Of a client that may be about to come.
                if (_isTableHeld && IsWish(work))
                    _deferred.Add(work);
                else
                    works.Add(work);
                continue;
            }

            if (work is RegistryWork.Happened(_, ClientEvent.SecretRequested(var request)) && !slot.IsWanted && !wanted.Contains(slot) && TryGrant(slot, request))
                continue;
            if (IsWish(work))
                wanted.Add(slot);
            if (slot.IsHeld)
                Defer(slot, work);
            else
                works.Add(work);
        }

        return works;
    }

    private List<RegistryWork> TakeDue()
    {
        var due = new List<RegistryWork>();
        if (_stoodStill is { } span)
        {
            foreach (var slot in _roll.Slots.Where(s => s.Working is not null))
                due.Add(new RegistryWork.Happened(slot, new ClientEvent.StoodStill(span, slot.Working!.Settings.Interval.Value * _random.NextDouble())));
        }

        _stoodStill = null;
        foreach (var slot in _due.Due(Now().Monotonic))
            due.Add(new RegistryWork.Happened(slot, new ClientEvent.TimePassed()));
        return due;
    }

    /// <summary>Lives begin one part after the other, so that who asks meanwhile does not wait for all of them.</summary>
    private IEnumerable<RegistryWork> Parts(RegistryWork work)
    {
        if (work is not RegistryWork.Begin(var slots, var first))
            return [work];
        if (MustWait)
        {
            _deferred.Add(work);
            return [];
        }

        var end = Math.Min(first + LivesAtOnce, slots.Length);
        if (end < slots.Length)
            Post(new RegistryWork.Begin(slots, end));
        return Enumerable.Range(first, end - first).Select(i => new RegistryWork.Live(slots[i]));
    }

    private ClientSlot? SlotOf(RegistryWork work) => work switch
    {
        RegistryWork.Happened(var slot, _) => slot,
        RegistryWork.Live(var slot) => slot,
        RegistryWork.Wanted(var client, _, _) => _roll.Find(client),
        RegistryWork.Configure(var client, _, _) => _roll.Find(client),
        _ => null,
    };

    private static bool IsWish(RegistryWork work) => work is RegistryWork.Wanted or RegistryWork.Configure;

    /// <summary>
    /// Releases the secret if both the durable state and the state being saved allow it. A request is not lost before that.
    /// </summary>
    private bool TryGrant(ClientSlot slot, long request)
    {
        var now = Now();
        var published = slot.Published;
        if (slot.Working is not { } working || working.Secret != published.Secret
            || (!ReferenceEquals(working, published) && ClientMachine.TryGrant(working, request, now) is null)
            || ClientMachine.TryGrant(published, request, now) is not { After: { } after } step)
            return false;
        var granted = after.Requests[^1];
        slot.PublishBeside(after, granted);
        _saving?.PutBeside(slot, granted);
        CarryOut(slot, step);
        return true;
    }

    /// <summary>Saves a turn; where it must wait, it is worked out later.</summary>
    private void Save(RegistryTurn turn, List<RegistryWork> works)
    {
        switch (_durable.Begin(turn.Changed, null, turn.IsWanted, Conclude))
        {
            case SaveBeginning.Begun:
                _saving = turn;
                foreach (var work in works)
                    Hold(SlotOf(work)!, IsWish(work));
                break;
            case SaveBeginning.Busy:
                turn.Undo();
                foreach (var work in works)
                    Defer(SlotOf(work)!, work);
                break;
            default:
                turn.Undo();
                GoOnUnsaved(works);
                break;
        }

        void Conclude(SaveOutcome outcome)
        {
            if (outcome == SaveOutcome.Saved)
            {
                CarryOut(turn);
            }
            else
            {
                turn.Undo();
                GoOnUnsaved(works);
            }
        }
    }

    /// <summary>Saves a change of the table itself, when nothing else is being saved.</summary>
    private void SaveTable(RegistryTurn turn, IEnumerable<ClientSlot> slots, Func<Action<SaveOutcome>, SaveBeginning> begin, Action<SaveOutcome> conclude)
    {
        if (begin(conclude) != SaveBeginning.Begun)
        {
            conclude(SaveOutcome.Failed);
            return;
        }

        _saving = turn;
        _savesTable = _isTableHeld = true;
        foreach (var slot in slots)
            Hold(slot, isWanted: true);
    }

    private void Defer(ClientSlot slot, RegistryWork work)
    {
        Hold(slot, IsWish(work));
        // Who asked and went is not remembered: there may be many while the disk does not answer.
        if (work is RegistryWork.Happened(_, ClientEvent.RequestEnded(var ended, false))
            && _deferred.FindLastIndex(w => w is RegistryWork.Happened(_, ClientEvent.SecretRequested(var asked)) && asked == ended) is >= 0 and var index)
            _deferred.RemoveAt(index);
        else
            _deferred.Add(work);
    }

    private void Hold(ClientSlot slot, bool isWanted)
    {
        slot.IsWanted |= isWanted;
        if (slot.IsHeld)
            return;
        slot.IsHeld = true;
        _held.Add(slot);
        _due.Set(slot, null);
    }

    /// <summary>Nothing waits any more, unless a save is under way that the clients do not go on without.</summary>
    private void LetGo()
    {
        if (_durable.Attempt is { IsGivenUp: false })
            return;
        foreach (var slot in _held)
        {
            slot.IsHeld = slot.IsWanted = false;
            _due.Set(slot, slot.Working?.NextDue);
        }

        _held.Clear();
        _saving = null;
        _savesTable = _isTableHeld = false;
        foreach (var work in _deferred)
            _again.Enqueue(work);
        _deferred = [];
    }

    /// <summary>At the end, until everything that came is saved, or the disk has had its time.</summary>
    private async Task WaitForDiskAsync()
    {
        while (_durable.Attempt is { } attempt)
        {
            if (!await HasEndedAsync(attempt).ConfigureAwait(false))
            {
                if (!attempt.IsOverdue)
                    _durable.GiveUp(attempt);
                LetGo();
                WorkOff();
                return;
            }

            _durable.End(attempt);
            LetGo();
            WorkOff();
        }
    }

    private async Task<bool> HasEndedAsync(SaveAttempt attempt)
    {
        var now = Now().Monotonic;
        _stopBy ??= now + StopPatience;
        var left = _stopBy.Value - now;
        if (attempt.Ended.IsCompleted)
            return true;
        try
        {
            await attempt.Ended.WaitAsync(left < TimeSpan.Zero ? TimeSpan.Zero : left, _time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task EndAsync()
    {
        foreach (var slot in _roll.Slots)
        {
            if (slot.Published.Checker is { } run)
                _checkers.Stop(run);
        }

        CancelRequests();
        foreach (var work in _deferred.Concat(_again))
            work.Abandon(Stopping);
        while (_work.Reader.TryRead(out var work))
            work.Abandon(Stopping);
        // An internal error leaves one.
        if (_durable.Attempt is { IsOverdue: false } left)
            _ = await HasEndedAsync(left).ConfigureAwait(false);
        // What is owed, and then the times.
        for (var i = 0; i < 2 && _durable.SaveRest() && _durable.Attempt is { } attempt; i++)
        {
            if (!await HasEndedAsync(attempt).ConfigureAwait(false))
                break;
            _durable.End(attempt);
        }

        if (IsStoreInUse)
            _logger.StopsUnsaved();
    }
}
