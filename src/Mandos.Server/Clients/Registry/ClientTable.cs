using System.Collections.Immutable;
using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>The clients. Any thread may read the table; only the registry's loop adds, removes and replaces clients.</summary>
/// <param name="steps">Computes the steps of clients.</param>
/// <param name="effects">Carries out the steps.</param>
/// <param name="durable">Saves the table.</param>
/// <param name="gate">Holds back commands during a save.</param>
/// <param name="logger">Logs added clients.</param>
internal sealed class ClientTable(ClientSteps steps, ClientEffects effects, DurableClients durable, SaveGate gate, ILogger logger)
{
    private volatile ClientIndex _index = new([]);
    private long _entryNumber;

    /// <summary>The clients' entries, in table order.</summary>
    internal ImmutableArray<ClientEntry> Entries => _index.Entries;

    /// <summary>The published states, in table order.</summary>
    internal ImmutableArray<ClientState> States => [.. _index.Entries.Select(s => s.Published)];

    /// <summary>Names of clients that are saved but not served; no other client can use them.</summary>
    internal HashSet<string> Reserved { private get; set; } = [];

    internal ClientEntry? Find(string name) => _index.Find(name);

    internal ClientEntry? Find(KeyId key) => _index.Find(key);

    /// <summary>Sets the clients without notifying observers; used at the start and at the end.</summary>
    internal void Set(IEnumerable<ClientState> clients) => _index = new ClientIndex([.. clients.Select(NewEntry)]);

    /// <summary>Adds a client.</summary>
    internal void Add(ClientDefinition definition, TaskCompletionSource<ChangeOutcome> caller)
    {
        var batch = new RegistryBatch();
        if (Objection(definition) is { } objection)
        {
            batch.Discard(definition.Secret);
            batch.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.Refused, objection));
            batch.End();
            return;
        }

        var entry = Create(batch, ClientState.FirstSeen(definition, steps.Now()));
        gate.SaveTable(batch, [], conclude => durable.Begin([entry], null, isWanted: true, conclude), outcome =>
        {
            if (outcome == SaveOutcome.Saved)
            {
                _index = new ClientIndex(_index.Entries.Add(entry));
                logger.Added(entry.Name);
                batch.Answer(caller, ChangeOutcome.Done);
                effects.CarryOut(batch);
                return;
            }

            // The client may have been saved nevertheless.
            if (outcome == SaveOutcome.Unknown)
                durable.OweRemoval(entry);
            var failed = new RegistryBatch();
            failed.Discard(definition.Secret);
            failed.Answer(caller, ChangeOutcome.NotSaved(durable.Problem, isDone: false));
            failed.End();
        });
    }

    private string? Objection(ClientDefinition definition)
    {
        if (definition.Name.Length == 0)
            return "a client must have a name";
        if (_index.Find(definition.Name) is not null)
            return $"client [{definition.Name}] already exists";
        if (Reserved.Contains(definition.Name))
            return $"client [{definition.Name}] is in the configuration, but its section has an error";
        if (definition.KeyId == KeyId.OfNothing)
            return "the key ID is the hash of empty data";
        if (definition.KeyId is { } key && _index.Find(key) is { } other)
            return $"client [{other.Name}] has the same key ID";
        return definition.Settings.Interval == Duration.Zero ? "the interval must be greater than zero" : null;
    }

    private ClientEntry Create(RegistryBatch batch, ClientState state)
    {
        var entry = NewEntry(state);
        steps.BeginNew(batch, entry, state);
        return entry;
    }

    /// <summary>Removes a client.</summary>
    internal void Remove(string client, TaskCompletionSource<ChangeOutcome> caller)
    {
        var batch = new RegistryBatch();
        if (_index.Find(client) is not { } entry)
        {
            batch.Answer(caller, ChangeOutcome.NoSuchClient(client));
            batch.End();
            return;
        }

        steps.Take(batch, entry, new ClientEvent.Remove());
        gate.SaveTable(batch, [entry], conclude => durable.Begin([], client, isWanted: true, conclude), outcome =>
        {
            var isSaved = outcome == SaveOutcome.Saved;
            if (!isSaved)
                durable.OweRemoval(entry);
            _index = new ClientIndex(_index.Entries.Remove(entry));
            batch.Answer(caller, isSaved ? ChangeOutcome.Done : ChangeOutcome.NotSaved(durable.Problem, isDone: true));
            effects.CarryOut(batch);
        });
    }

    /// <summary>Replaces the whole table.</summary>
    internal void Replace(Func<IReadOnlyList<ClientState>, TableReplacement> plan, TaskCompletionSource<ChangeOutcome> caller)
    {
        var batch = new RegistryBatch();
        TableReplacement replacement;
        try
        {
            replacement = plan(States);
        }
#pragma warning disable CA1031 // Whatever it is, it is the caller's, who gets it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            caller.TrySetException(e);
            return;
        }

        // Removals come first, because a new client may use a removed name.
        var kept = replacement.Clients.OfType<ClientReplacement.Keep>().Select(k => k.Name).ToHashSet();
        foreach (var entry in _index.Entries)
        {
            if (!kept.Contains(entry.Name))
                steps.Take(batch, entry, new ClientEvent.Remove());
        }

        var table = new List<ClientEntry>();
        foreach (var change in replacement.Clients)
        {
            if (change is ClientReplacement.Add(var added))
                table.Add(Create(batch, added));
            else if (change is ClientReplacement.Keep keep && Keep(batch, keep) is { } entry)
                table.Add(entry);
        }

        gate.SaveTable(batch, batch.Touched.Intersect(_index.Entries), conclude => durable.BeginReplacement(
            table, replacement.Dormant, replacement.Configured, conclude), outcome =>
        {
            if (outcome == SaveOutcome.Saved)
            {
                _index = new ClientIndex([.. table]);
                Reserved = replacement.Dormant.Select(c => c.Name).ToHashSet();
                batch.Answer(caller, ChangeOutcome.Done);
                effects.CarryOut(batch);
                return;
            }

            batch.Undo();
            var failed = new RegistryBatch();
            foreach (var secret in replacement.Clients.Select(SecretOf).OfType<ClientSecret>())
                failed.Discard(secret);
            failed.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.NotSaved, durable.Problem));
            failed.End();
        });
    }

    /// <summary>Applies the changes to a client that stays; null if there is no such client.</summary>
    private ClientEntry? Keep(RegistryBatch batch, ClientReplacement.Keep kept)
    {
        if (_index.Find(kept.Name) is not { } entry)
        {
            if (kept.Secret is not null)
                batch.Discard(kept.Secret);
            return null;
        }

        if (kept.Settings is { } settings && settings != entry.Working!.Settings)
            steps.Take(batch, entry, new ClientEvent.Configure(settings));
        if (kept.Secret is { } secret)
            steps.Take(batch, entry, new ClientEvent.ReplaceSecret(secret));
        if (kept.Enabled is { } enabled)
            steps.Take(batch, entry, enabled ? new ClientEvent.Enable() : new ClientEvent.Disable());
        return entry;
    }

    private static ClientSecret? SecretOf(ClientReplacement change) => change switch
    {
        ClientReplacement.Add(var client) => client.Secret,
        ClientReplacement.Keep kept => kept.Secret,
        _ => null,
    };

    private ClientEntry NewEntry(ClientState state) => new(++_entryNumber, state);
}
