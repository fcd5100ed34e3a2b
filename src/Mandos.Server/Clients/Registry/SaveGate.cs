namespace Mandos.Server.Clients.Registry;

/// <summary>What is being saved, and the clients and commands that wait for it. Used only by the registry's loop.</summary>
internal sealed class SaveGate(DurableClients durable, DeferredCommands deferred, TimeProvider time)
{
    /// <summary>How long a shutdown waits for the disk in total.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    private RegistryBatch? _saving;
    private bool _savesTable;
    private bool _goesOnBesideTable;
    private TimeSpan? _stopBy;

    /// <summary>Whether the table is being replaced or is about to be, so that commands that concern no client wait too.</summary>
    internal bool IsTableHeld { get; private set; }

    /// <summary>Whether a command that needs the store must wait for the save in progress.</summary>
    internal bool MustWait => durable.Attempt is not null && (_savesTable || !durable.IsStuck);

    /// <summary>Begins to save a batch; if the save begins, the clients in the batch wait.</summary>
    /// <param name="batch">The batch to save.</param>
    /// <param name="held">The clients, and whether a caller waits for what changes them.</param>
    /// <param name="conclude">Called with the outcome if the save begins.</param>
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

    /// <summary>Saves a change of the table itself; no other save may be in progress.</summary>
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

    /// <summary>Defers a change of the table until the save in progress has ended; until then the table is held.</summary>
    internal void DeferTable(RegistryCommand command)
    {
        deferred.Defer(command);
        IsTableHeld = true;
    }

    /// <summary>Adds a request that was granted during the current save to the batch that is being saved.</summary>
    internal void PutBeside(ClientEntry entry, SecretRequest granted) => _saving?.PutBeside(entry, granted);

    /// <summary>Ends all waits, unless a save is in progress that the clients must wait for.</summary>
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

    /// <summary>The disk does not respond during a reload: only the clients that the reload changes keep waiting.</summary>
    private void GoOnBesideTable()
    {
        _goesOnBesideTable = true;
        deferred.LetGo(_saving!.Touched);
    }

    /// <summary>At shutdown, waits for a save within the time limit; false if it has not ended by then.</summary>
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

    /// <summary>At shutdown, saves what is unsaved, and then the times.</summary>
    internal async Task SaveRestAsync()
    {
        // After an internal error a save may still be in progress.
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
