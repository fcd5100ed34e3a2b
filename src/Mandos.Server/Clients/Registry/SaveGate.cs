namespace Mandos.Server.Clients.Registry;

/// <summary>
/// What is being saved, and what waits for that: the clients in it, and commands. Used by the registry's loop alone.
/// </summary>
internal sealed class SaveGate(DurableClients durable, DeferredCommands deferred, TimeProvider time)
{
    /// <summary>How long a stop waits for the disk, all in all.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    private RegistryBatch? _saving;
    private bool _savesTable;
    private bool _goesOnBesideTable;
    private TimeSpan? _stopBy;

    /// <summary>The table is being replaced, or is to be next: what is about no client waits too.</summary>
    internal bool IsTableHeld { get; private set; }

    /// <summary>What needs the store waits for a save that is under way.</summary>
    internal bool MustWait => durable.Attempt is not null && (_savesTable || !durable.IsStuck);

    /// <summary>Begins to save a batch; the clients in it wait if that begins.</summary>
    /// <param name="batch">What is saved.</param>
    /// <param name="held">The clients, and whether a caller waits for what changes them.</param>
    /// <param name="conclude">Called with the outcome, if it begins.</param>
    internal SaveBeginning Save(RegistryBatch batch, IEnumerable<(ClientEntry Entry, bool IsWanted)> held, Action<SaveOutcome> conclude)
    {
        var beginning = durable.Begin(batch.Changed, null, batch.IsWanted, conclude);
        if (beginning != SaveBeginning.Begun)
            return beginning;
        _saving = batch;
        foreach (var (entry, isWanted) in held)
            deferred.Hold(entry, isWanted);
        return beginning;
    }

    /// <summary>Saves a change of the table itself, when nothing else is being saved.</summary>
    internal void SaveTable(
        RegistryBatch batch, IEnumerable<ClientEntry> entries, Func<Action<SaveOutcome>, SaveBeginning> begin, Action<SaveOutcome> conclude)
    {
        if (begin(conclude) != SaveBeginning.Begun)
        {
            conclude(SaveOutcome.Failed);
            return;
        }

        _saving = batch;
        _savesTable = IsTableHeld = true;
        foreach (var entry in entries)
            deferred.Hold(entry, isWanted: true);
    }

    /// <summary>A change of the table waits for a save that is under way, and the table with it.</summary>
    internal void DeferTable(RegistryCommand command)
    {
        deferred.Defer(command);
        IsTableHeld = true;
    }

    /// <summary>A request was granted beside what is being saved.</summary>
    internal void PutBeside(ClientEntry entry, SecretRequest granted) => _saving?.PutBeside(entry, granted);

    /// <summary>Nothing waits any more, unless a save is under way that the clients do not go on without.</summary>
    internal void LetGo()
    {
        if (durable.Attempt is { IsGivenUp: false } attempt)
        {
            if (attempt.IsOverdue && !_goesOnBesideTable)
                GoOnBesideTable();
            return;
        }

        deferred.LetGo();
        _saving = null;
        _savesTable = IsTableHeld = _goesOnBesideTable = false;
    }

    /// <summary>The disk does not answer to a reload: only the clients that it changes wait any longer.</summary>
    private void GoOnBesideTable()
    {
        _goesOnBesideTable = true;
        deferred.LetGo(_saving!.Touched);
    }

    /// <summary>At the end: waits for a save, as long as a stop may wait; false if it has not ended then.</summary>
    internal async Task<bool> HasEndedAsync(SaveAttempt attempt)
    {
        var now = Moment.Now(time).Monotonic;
        _stopBy ??= now + StopPatience;
        var left = _stopBy.Value - now;
        if (attempt.Ended.IsCompleted)
            return true;
        try
        {
            await attempt.Ended.WaitAsync(left < TimeSpan.Zero ? TimeSpan.Zero : left, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>At the end: saves what is owed, and then the times.</summary>
    internal async Task SaveRestAsync()
    {
        // An internal error leaves one.
        if (durable.Attempt is { IsOverdue: false } left)
            _ = await HasEndedAsync(left).ConfigureAwait(false);
        for (var i = 0; i < 2 && durable.SaveRest() && durable.Attempt is { } attempt; i++)
        {
            if (!await HasEndedAsync(attempt).ConfigureAwait(false))
                break;
            durable.End(attempt);
        }
    }
}
