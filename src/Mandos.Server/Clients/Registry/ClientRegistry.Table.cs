using Mandos.Core.Durations;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>Clients that come and go, and those who look on.</summary>
internal sealed partial class ClientRegistry
{
    private static bool ChangesTable(RegistryCommand command) =>
        command is RegistryCommand.Add or RegistryCommand.Remove or RegistryCommand.Replace or RegistryCommand.Subscribe
            or RegistryCommand.UnknownKey
            or RegistryCommand.Saved or RegistryCommand.Settle;

    private void ChangeTable(RegistryCommand command)
    {
        switch (command)
        {
            case RegistryCommand.Saved(var attempt):
                _durable.End(attempt);
                LetGo();
                break;
            case RegistryCommand.Settle(var caller) when !MustWait:
                caller.TrySetResult(ChangeOutcome.Done);
                break;
            case RegistryCommand.Settle:
                _deferred.Defer(command);
                break;
            case RegistryCommand.Add or RegistryCommand.Remove or RegistryCommand.Replace when MustWait:
                _deferred.Defer(command);
                _isTableHeld = true;
                break;
            case RegistryCommand.Add(var definition, var caller):
                Add(definition, caller);
                break;
            case RegistryCommand.Remove(var client, var caller):
                Remove(client, caller);
                break;
            case RegistryCommand.Replace(var plan, var caller):
                Replace(plan, caller);
                break;
            case RegistryCommand.Subscribe(var observer):
                Join(observer);
                break;
            case RegistryCommand.UnknownKey(var key, var address):
                foreach (var observer in _observers)
                    observer.ObserveUnknown(key, address);
                break;
        }
    }

    private void Add(ClientDefinition definition, TaskCompletionSource<ChangeOutcome> caller)
    {
        var batch = new RegistryBatch();
        if (Objection(definition) is { } objection)
        {
            batch.Discard(definition.Secret);
            batch.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.Refused, objection));
            batch.End();
            return;
        }

        var entry = Create(batch, ClientState.FirstSeen(definition, Now()));
        SaveTable(batch, [], conclude => _durable.Begin([entry], null, isWanted: true, conclude), outcome =>
        {
            if (outcome == SaveOutcome.Saved)
            {
                _index = new ClientIndex(_index.Entries.Add(entry));
                _logger.Added(entry.Name);
                batch.Answer(caller, ChangeOutcome.Done);
                CarryOut(batch);
                return;
            }

            // It may be saved after all.
            if (outcome == SaveOutcome.Unknown)
                _durable.OweRemoval(entry);
            var failed = new RegistryBatch();
            failed.Discard(definition.Secret);
            failed.Answer(caller, NotSaved(isDone: false));
            failed.End();
        });
    }

    private string? Objection(ClientDefinition definition)
    {
        if (definition.Name.Length == 0)
            return "a client must have a name";
        if (_index.Find(definition.Name) is not null)
            return $"there is a client [{definition.Name}] already";
        if (Reserved.Contains(definition.Name))
            return $"there is a client [{definition.Name}] in the configuration, which something is wrong with";
        if (definition.KeyId == KeyId.OfNothing)
            return "the key ID is that of no key at all";
        if (definition.KeyId is { } key && _index.Find(key) is { } other)
            return $"client [{other.Name}] has the same key ID";
        return definition.Settings.Interval == Duration.Zero ? "an interval of no time is not possible" : null;
    }

    /// <summary>A client begins its life.</summary>
    private ClientEntry Create(RegistryBatch batch, ClientState state)
    {
        var entry = NewEntry(state);
        batch.Add(entry, new ClientTransition(null, state, []));
        Take(batch, entry, Beginning(state.Settings));
        return entry;
    }

    private void Remove(string client, TaskCompletionSource<ChangeOutcome> caller)
    {
        var batch = new RegistryBatch();
        if (_index.Find(client) is not { } entry)
        {
            batch.Answer(caller, NoSuchClient(client));
            batch.End();
            return;
        }

        Take(batch, entry, new ClientEvent.Remove());
        SaveTable(batch, [entry], conclude => _durable.Begin([], client, isWanted: true, conclude), outcome =>
        {
            var isSaved = outcome == SaveOutcome.Saved;
            if (!isSaved)
                _durable.OweRemoval(entry);
            _index = new ClientIndex(_index.Entries.Remove(entry));
            batch.Answer(caller, isSaved ? ChangeOutcome.Done : NotSaved(isDone: true));
            CarryOut(batch);
        });
    }

    private void Replace(Func<IReadOnlyList<ClientState>, TableReplacement> plan, TaskCompletionSource<ChangeOutcome> caller)
    {
        var batch = new RegistryBatch();
        TableReplacement replacement;
        try
        {
            replacement = plan(Clients);
        }
#pragma warning disable CA1031 // Whatever it is, it is the caller's, who gets it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            caller.TrySetException(e);
            return;
        }

        // Who goes goes first: another may take over the name.
        var kept = replacement.Clients.OfType<ClientReplacement.Keep>().Select(k => k.Name).ToHashSet();
        foreach (var entry in _index.Entries)
        {
            if (!kept.Contains(entry.Name))
                Take(batch, entry, new ClientEvent.Remove());
        }

        var table = new List<ClientEntry>();
        foreach (var change in replacement.Clients)
        {
            if (change is ClientReplacement.Add(var added))
                table.Add(Create(batch, added));
            else if (change is ClientReplacement.Keep keep && Keep(batch, keep) is { } entry)
                table.Add(entry);
        }

        SaveTable(batch, batch.Touched.Intersect(_index.Entries), conclude => _durable.BeginReplacement(
            table, replacement.Dormant, replacement.Configured, conclude), outcome =>
        {
            if (outcome == SaveOutcome.Saved)
            {
                _index = new ClientIndex([.. table]);
                Reserved = replacement.Dormant.Select(c => c.Name).ToHashSet();
                batch.Answer(caller, ChangeOutcome.Done);
                CarryOut(batch);
                return;
            }

            batch.Undo();
            var failed = new RegistryBatch();
            foreach (var secret in replacement.Clients.Select(SecretOf).OfType<ClientSecret>())
                failed.Discard(secret);
            failed.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.NotSaved, _durable.Problem));
            failed.End();
        });
    }

    /// <summary>Null if no such client.</summary>
    private ClientEntry? Keep(RegistryBatch batch, ClientReplacement.Keep kept)
    {
        if (_index.Find(kept.Name) is not { } entry)
        {
            if (kept.Secret is not null)
                batch.Discard(kept.Secret);
            return null;
        }

        if (kept.Settings is { } settings && settings != entry.Working!.Settings)
            Take(batch, entry, new ClientEvent.Configure(settings));
        if (kept.Secret is { } secret)
            Take(batch, entry, new ClientEvent.ReplaceSecret(secret));
        if (kept.Enabled is { } enabled)
            Take(batch, entry, enabled ? new ClientEvent.Enable() : new ClientEvent.Disable());
        return entry;
    }

    private static ClientSecret? SecretOf(ClientReplacement change) => change switch
    {
        ClientReplacement.Add(var client) => client.Secret,
        ClientReplacement.Keep kept => kept.Secret,
        _ => null,
    };
}
