using Mandos.Core.Durations;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>Clients that come and go, and those who look on.</summary>
internal sealed partial class ClientRegistry
{
    private static bool ChangesTable(RegistryWork work) =>
        work is RegistryWork.Add or RegistryWork.Remove or RegistryWork.Replace or RegistryWork.Subscribe or RegistryWork.Stranger
            or RegistryWork.Saved or RegistryWork.Settle;

    private void ChangeTable(RegistryWork work)
    {
        switch (work)
        {
            case RegistryWork.Saved(var attempt):
                _durable.End(attempt);
                LetGo();
                break;
            case RegistryWork.Settle(var caller) when !MustWait:
                caller.TrySetResult(ChangeOutcome.Done);
                break;
            case RegistryWork.Settle:
                _deferred.Add(work);
                break;
            case RegistryWork.Add or RegistryWork.Remove or RegistryWork.Replace when MustWait:
                _deferred.Add(work);
                _isTableHeld = true;
                break;
            case RegistryWork.Add(var definition, var caller):
                Add(definition, caller);
                break;
            case RegistryWork.Remove(var client, var caller):
                Remove(client, caller);
                break;
            case RegistryWork.Replace(var plan, var caller):
                Replace(plan, caller);
                break;
            case RegistryWork.Subscribe(var observer):
                Join(observer);
                break;
            case RegistryWork.Stranger(var key, var address):
                foreach (var observer in _observers)
                    observer.ObserveUnknown(key, address);
                break;
        }
    }

    private void Add(ClientDefinition definition, TaskCompletionSource<ChangeOutcome> caller)
    {
        var turn = new RegistryTurn();
        if (Objection(definition) is { } objection)
        {
            turn.Discard(definition.Secret);
            turn.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.Refused, objection));
            turn.End();
            return;
        }

        var slot = Bear(turn, ClientState.FirstSeen(definition, Now()));
        SaveTable(turn, [], conclude => _durable.Begin([slot], null, isWanted: true, conclude), outcome =>
        {
            if (outcome == SaveOutcome.Saved)
            {
                _roll = new ClientRoll(_roll.Slots.Add(slot));
                _logger.Added(slot.Name);
                turn.Answer(caller, ChangeOutcome.Done);
                CarryOut(turn);
                return;
            }

            // It may be saved after all.
            if (outcome == SaveOutcome.Unknown)
                _durable.OweRemoval(slot);
            var failed = new RegistryTurn();
            failed.Discard(definition.Secret);
            failed.Answer(caller, NotSaved(isDone: false));
            failed.End();
        });
    }

    private string? Objection(ClientDefinition definition)
    {
        if (definition.Name.Length == 0)
            return "a client must have a name";
        if (_roll.Find(definition.Name) is not null)
            return $"there is a client [{definition.Name}] already";
        if (Reserved.Contains(definition.Name))
            return $"there is a client [{definition.Name}] in the configuration, which something is wrong with";
        if (definition.KeyId == KeyId.OfNothing)
            return "the key ID is that of no key at all";
        if (definition.KeyId is { } key && _roll.Find(key) is { } other)
            return $"client [{other.Name}] has the same key ID";
        return definition.Settings.Interval == Duration.Zero ? "an interval of no time is not possible" : null;
    }

    /// <summary>A client begins its life.</summary>
    private ClientSlot Bear(RegistryTurn turn, ClientState state)
    {
        var slot = NewSlot(state);
        turn.Add(slot, new ClientTransition(null, state, []));
        Take(turn, slot, Beginning(state.Settings));
        return slot;
    }

    private void Remove(string client, TaskCompletionSource<ChangeOutcome> caller)
    {
        var turn = new RegistryTurn();
        if (_roll.Find(client) is not { } slot)
        {
            turn.Answer(caller, NoSuchClient(client));
            turn.End();
            return;
        }

        Take(turn, slot, new ClientEvent.Remove());
        SaveTable(turn, [slot], conclude => _durable.Begin([], client, isWanted: true, conclude), outcome =>
        {
            var isSaved = outcome == SaveOutcome.Saved;
            if (!isSaved)
                _durable.OweRemoval(slot);
            _roll = new ClientRoll(_roll.Slots.Remove(slot));
            turn.Answer(caller, isSaved ? ChangeOutcome.Done : NotSaved(isDone: true));
            CarryOut(turn);
        });
    }

    private void Replace(Func<IReadOnlyList<ClientState>, TableReplacement> plan, TaskCompletionSource<ChangeOutcome> caller)
    {
        var turn = new RegistryTurn();
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
        foreach (var slot in _roll.Slots)
        {
            if (!kept.Contains(slot.Name))
                Take(turn, slot, new ClientEvent.Remove());
        }

        var table = new List<ClientSlot>();
        foreach (var change in replacement.Clients)
        {
            if (change is ClientReplacement.Add(var added))
                table.Add(Bear(turn, added));
            else if (change is ClientReplacement.Keep keep && Keep(turn, keep) is { } slot)
                table.Add(slot);
        }

        SaveTable(turn, turn.Touched.Intersect(_roll.Slots), conclude => _durable.BeginReplacement(table, replacement.Dormant, replacement.Configured, conclude), outcome =>
        {
            if (outcome == SaveOutcome.Saved)
            {
                _roll = new ClientRoll([.. table]);
                Reserved = replacement.Dormant.Select(c => c.Name).ToHashSet();
                turn.Answer(caller, ChangeOutcome.Done);
                CarryOut(turn);
                return;
            }

            turn.Undo();
            var failed = new RegistryTurn();
            foreach (var secret in replacement.Clients.Select(SecretOf).OfType<ClientSecret>())
                failed.Discard(secret);
            failed.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.NotSaved, _durable.Problem));
            failed.End();
        });
    }

    /// <summary>Null if no such client.</summary>
    private ClientSlot? Keep(RegistryTurn turn, ClientReplacement.Keep kept)
    {
        if (_roll.Find(kept.Name) is not { } slot)
        {
            if (kept.Secret is not null)
                turn.Discard(kept.Secret);
            return null;
        }

        if (kept.Settings is { } settings && settings != slot.Working!.Settings)
            Take(turn, slot, new ClientEvent.Configure(settings));
        if (kept.Secret is { } secret)
            Take(turn, slot, new ClientEvent.ReplaceSecret(secret));
        if (kept.Enabled is { } enabled)
            Take(turn, slot, enabled ? new ClientEvent.Enable() : new ClientEvent.Disable());
        return slot;
    }

    private static ClientSecret? SecretOf(ClientReplacement change) => change switch
    {
        ClientReplacement.Add(var client) => client.Secret,
        ClientReplacement.Keep kept => kept.Secret,
        _ => null,
    };
}
