namespace Mandos.Server.Clients.Registry;

/// <summary>What is being saved, and what waits for that.</summary>
internal sealed partial class ClientRegistry
{
    /// <summary>How long a stop waits for the disk, all in all.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    private RegistryBatch? _saving;
    private bool _savesTable;
    private bool _isTableHeld;
    private bool _goesOnBesideTable;
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
    private List<RegistryCommand> Sort(List<RegistryCommand> happenings)
    {
        var commands = new List<RegistryCommand>();
        var wanted = new HashSet<ClientEntry>();
        foreach (var command in TakeDue().Concat(happenings.SelectMany(Parts)))
        {
            if (EntryOf(command) is not { } entry)
            {
                // Of a client that may be about to come.
                if (_isTableHeld && IsWish(command))
                    _deferred.Defer(command);
                else
                    commands.Add(command);
                continue;
            }

            if (command is RegistryCommand.Happened(_, ClientEvent.SecretRequested(var request))
                && !entry.IsWanted
                && !wanted.Contains(entry)
                && TryGrant(entry, request))
                continue;
            if (IsWish(command))
                wanted.Add(entry);
            if (entry.IsHeld)
                Defer(entry, command);
            else
                commands.Add(command);
        }

        return commands;
    }

    private List<RegistryCommand> TakeDue()
    {
        var due = new List<RegistryCommand>();
        if (_stoodStill is { } span)
        {
            foreach (var entry in _index.Entries.Where(s => s.Working is not null))
                due.Add(
                    new RegistryCommand.Happened(
                        entry, new ClientEvent.StoodStill(span, entry.Working!.Settings.Interval.Value * _random.NextDouble())));
        }

        _stoodStill = null;
        foreach (var entry in _due.Due(Now().Monotonic))
            due.Add(new RegistryCommand.Happened(entry, new ClientEvent.TimePassed()));
        return due;
    }

    /// <summary>Lives begin one part after the other, so that who asks meanwhile does not wait for all of them.</summary>
    private IEnumerable<RegistryCommand> Parts(RegistryCommand command)
    {
        if (command is not RegistryCommand.Begin(var entries, var first))
            return [command];
        if (MustWait)
        {
            _deferred.Defer(command);
            return [];
        }

        var end = Math.Min(first + LivesAtOnce, entries.Length);
        if (end < entries.Length)
            Post(new RegistryCommand.Begin(entries, end));
        return Enumerable.Range(first, end - first).Select(i => new RegistryCommand.Live(entries[i]));
    }

    private ClientEntry? EntryOf(RegistryCommand command) => command switch
    {
        RegistryCommand.Happened(var entry, _) => entry,
        RegistryCommand.Live(var entry) => entry,
        RegistryCommand.Wanted(var client, _, _) => _index.Find(client),
        RegistryCommand.Configure(var client, _, _) => _index.Find(client),
        _ => null,
    };

    private static bool IsWish(RegistryCommand command) => command is RegistryCommand.Wanted or RegistryCommand.Configure;

    /// <summary>
    /// Releases the secret if both the durable state and the state being saved allow it. A request is not lost before that.
    /// </summary>
    private bool TryGrant(ClientEntry entry, long request)
    {
        var now = Now();
        var published = entry.Published;
        if (entry.Working is not { } working || working.Secret != published.Secret
            || (!ReferenceEquals(working, published) && ClientMachine.TryGrant(working, request, now) is null)
            || ClientMachine.TryGrant(published, request, now) is not { After: { } after } step)
            return false;
        var granted = after.Requests[^1];
        entry.PublishBeside(after, granted);
        _saving?.PutBeside(entry, granted);
        CarryOut(entry, step);
        return true;
    }

    /// <summary>Saves a turn; where it must wait, it is worked out later.</summary>
    private void Save(RegistryBatch batch, List<RegistryCommand> commands)
    {
        switch (_durable.Begin(batch.Changed, null, batch.IsWanted, Conclude))
        {
            case SaveBeginning.Begun:
                _saving = batch;
                foreach (var command in commands)
                    _deferred.Hold(EntryOf(command)!, IsWish(command));
                break;
            case SaveBeginning.Busy:
                batch.Undo();
                foreach (var command in commands)
                    Defer(EntryOf(command)!, command);
                break;
            default:
                batch.Undo();
                GoOnUnsaved(commands);
                break;
        }

        void Conclude(SaveOutcome outcome)
        {
            if (outcome == SaveOutcome.Saved)
            {
                CarryOut(batch);
            }
            else
            {
                batch.Undo();
                GoOnUnsaved(commands);
            }
        }
    }

    /// <summary>Saves a change of the table itself, when nothing else is being saved.</summary>
    private void SaveTable(
        RegistryBatch batch, IEnumerable<ClientEntry> entries, Func<Action<SaveOutcome>, SaveBeginning> begin, Action<SaveOutcome> conclude)
    {
        if (begin(conclude) != SaveBeginning.Begun)
        {
            conclude(SaveOutcome.Failed);
            return;
        }

        _saving = batch;
        _savesTable = _isTableHeld = true;
        foreach (var entry in entries)
            _deferred.Hold(entry, isWanted: true);
    }

    private void Defer(ClientEntry entry, RegistryCommand command) => _deferred.Defer(entry, command, IsWish(command));

    /// <summary>Nothing waits any more, unless a save is under way that the clients do not go on without.</summary>
    private void LetGo()
    {
        if (_durable.Attempt is { IsGivenUp: false } attempt)
        {
            if (attempt.IsOverdue && !_goesOnBesideTable)
                GoOnBesideTable();
            return;
        }

        _deferred.LetGo();
        _saving = null;
        _savesTable = _isTableHeld = _goesOnBesideTable = false;
    }

    /// <summary>The disk does not answer to a reload: only the clients that it changes wait any longer.</summary>
    private void GoOnBesideTable()
    {
        _goesOnBesideTable = true;
        _deferred.LetGo(_saving!.Touched);
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
                DrainQueue();
                return;
            }

            _durable.End(attempt);
            LetGo();
            DrainQueue();
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
        foreach (var entry in _index.Entries)
        {
            if (entry.Published.Checker is { } run)
                _checkers.Stop(run);
        }

        _requests.CancelAll();
        foreach (var command in _deferred.Rest)
            command.Abandon(Stopping);
        while (_commands.Reader.TryRead(out var command))
            command.Abandon(Stopping);
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
