using System.Collections.Immutable;
using Mandos.Server.Clients;

namespace Mandos.Server.Restoration;

/// <summary>
/// Combines the saved state and the configuration into one table. The rule for each value: if the configuration has changed since the last
/// time, its value applies; otherwise a change made on the bus is kept.
/// </summary>
/// <remarks>
/// A client that was removed on the bus is one that was configured the last time and is not in the table; one that was added there is in
/// the table and was not configured. This is sufficient to distinguish them.
/// </remarks>
internal sealed class Reconciliation
{
    private readonly ConfiguredTable _configuration;
    private readonly Dictionary<string, ConfiguredClient> _before;
    private readonly Moment _now;
    private readonly SecretDigest _digest;
    private readonly List<ReconciliationStep> _removals = [];
    private readonly List<ReconciliationStep> _changes = [];
    private readonly List<ReconciliationStep> _additions = [];
    private readonly List<string> _order = [];
    private readonly List<ConfiguredClient> _configured = [];
    private readonly List<ClientState> _dormant = [];
    private readonly List<ReconciliationNotice> _notices = [];
    private readonly ClientExpiry _expiry;

    private Reconciliation(ConfiguredTable configuration, IEnumerable<ConfiguredClient> before, Moment now, SecretDigest digest)
    {
        _configuration = configuration;
        _before = before.ToDictionary(c => c.Name);
        _now = now;
        _digest = digest;
        _expiry = new ClientExpiry(now, _notices);
    }

    /// <summary>Returns a plan for a start, which fills an empty table.</summary>
    /// <param name="stored">The saved state, whose secrets the plan takes over or releases; null if there is none or it is not restored.
    /// </param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="now">The time of the start.</param>
    /// <param name="digest">The secret digest of this store.</param>
    internal static ReconciliationPlan AtStart(StoredState? stored, ConfiguredTable configuration, Moment now, SecretDigest digest)
    {
        var reconciliation = new Reconciliation(configuration, stored?.Configured.Values ?? [], now, digest);
        var clients = (stored?.Clients ?? []).ToDictionary(c => c.State.Name, reconciliation._expiry.Restore);
        if (configuration.MassFailure is { } percent)
            reconciliation._expiry.MassFailure = MassFailure.Find(clients.Values, percent, now);
        return reconciliation.Plan(clients, running: null, [.. clients.Keys]);
    }

    /// <summary>Returns a plan for a reload, which changes no more than necessary.</summary>
    /// <param name="running">The current table, in order; it keeps its secrets.</param>
    /// <param name="origin">What the table was built from; remains valid if the plan is not carried out.</param>
    /// <param name="configuration">The current configuration.</param>
    /// <param name="now">The time of the reload.</param>
    /// <param name="digest">The secret digest of this store.</param>
    internal static ReconciliationPlan AtReload(
        IReadOnlyList<ClientState> running, TableOrigin origin, ConfiguredTable configuration, Moment now, SecretDigest digest)
    {
        var reconciliation = new Reconciliation(configuration, origin.Configured, now, digest);
        var dormant = origin.Dormant.Where(c => c.Secret.TryHold()).ToDictionary(c => c.Name);
        return reconciliation.Plan(dormant, running.ToDictionary(c => c.Name), [.. running.Select(c => c.Name), .. dormant.Keys]);
    }

    /// <param name="resting">Stored or dormant clients, whose secrets we own.</param>
    /// <param name="running">The clients of the table; null at a start.</param>
    /// <param name="order">The order of all clients.</param>
    private ReconciliationPlan Plan(
        Dictionary<string, ClientState> resting, Dictionary<string, ClientState>? running, IReadOnlyList<string> order)
    {
        running ??= [];
        var configured = new HashSet<string>();
        var definitions = _configuration.Clients.ToDictionary(c => c.Name);
        foreach (var name in _configuration.Order)
        {
            _ = configured.Add(name);
            if (!definitions.TryGetValue(name, out var definition))
            {
                Stay(name, running);
                continue;
            }

            var digest = _digest(definition.Name, definition.Secret);
            var section = new ConfiguredClient(
                definition.Name, definition.KeyId, definition.Fingerprint, definition.Settings, definition.Enabled, digest);
            _configured.Add(section);
            if (running.TryGetValue(definition.Name, out var current))
                Follow(current, definition, section);
            else if (resting.Remove(definition.Name, out var client))
                Revive(client, definition, section);
            else
                AddUnlessRemoved(definition);
        }

        foreach (var name in order.Where(name => !configured.Contains(name)))
        {
            if (running.TryGetValue(name, out var current))
                KeepOrRemove(current);
            else
                KeepOrDrop(resting[name]);
        }

        // This includes those that were removed on the bus: they stay removed when their sections are fixed.
        _configured.AddRange(_before.Values.Where(section => !configured.Contains(section.Name) && IsUnknown(section.Name)));
        WarnOfEqualKeys(running);
        return new ReconciliationPlan
        {
            Steps = [.. _removals, .. _changes, .. _additions],
            Order = [.. _order],
            Origin = new TableOrigin([.. _configured], [.. _dormant]),
            Notices = [.. _notices],
        };
    }

    /// <summary>Handles a client whose section has not changed since it was last applied.</summary>
    private void Stay(string name, Dictionary<string, ClientState> running)
    {
        var section = _before[name];
        _configured.Add(section);
        if (!running.TryGetValue(name, out var current))
        {
            TellRemoved(name);
            return;
        }

        _order.Add(name);
        if ((current.KeyId != section.KeyId || current.Fingerprint != section.Fingerprint) && current.Secret.TryHold())
            Rekey(current, section, current.Settings, current.Secret);
    }

    /// <summary>Handles a running client that is in the configuration.</summary>
    private void Follow(ClientState current, ClientDefinition definition, ConfiguredClient section)
    {
        _order.Add(current.Name);
        var before = _before.GetValueOrDefault(current.Name);
        var settings = SettingsMerge.Of(before?.Settings, section.Settings, current.Settings);
        var replacesSecret = before?.SecretDigest != section.SecretDigest;
        if (current.KeyId != definition.KeyId || current.Fingerprint != definition.Fingerprint)
        {
            var keepsSecret = !replacesSecret && current.Secret.TryHold();
            if (keepsSecret)
                definition.Secret.Dispose();
            Rekey(current, section, settings, keepsSecret ? current.Secret : definition.Secret);
            return;
        }

        var events = ImmutableArray.CreateBuilder<ClientEvent>();
        if (settings != current.Settings)
            events.Add(new ClientEvent.Configure(settings));
        if (replacesSecret && !definition.Secret.Memory.Span.SequenceEqual(current.Secret.Memory.Span))
            events.Add(new ClientEvent.ReplaceSecret(definition.Secret));
        else
            definition.Secret.Dispose();
        if (before is not null && before.Enabled != definition.Enabled && current.Enabled != definition.Enabled)
            events.Add(definition.Enabled ? new ClientEvent.Enable() : new ClientEvent.Disable());
        if (events.Count > 0)
            _changes.Add(new ReconciliationStep.Change(current.Name, events.ToImmutable()));
    }

    /// <summary>Handles a name that now belongs to another machine, which must not inherit any connection or approval.</summary>
    private void Rekey(ClientState current, ConfiguredClient section, ClientSettings settings, ClientSecret secret)
    {
        var next = current with
        {
            KeyId = section.KeyId,
            Fingerprint = section.Fingerprint,
            Settings = settings,
            Secret = secret,
            Expires = current.ExpiresOtherwise ?? current.Expires,
            Maintenance = null,
            ExpiresOtherwise = null,
            NextCheck = null,
            Checker = null,
            Requests = [],
            Decision = null,
        };
        _removals.Add(new ReconciliationStep.Remove(current.Name));
        _additions.Add(new ReconciliationStep.Add(_expiry.FollowEnabled(next, _before.GetValueOrDefault(next.Name), section)));
        _notices.Add(new(current.Name, "has another key in the configuration", IsWarning: false));
    }

    /// <summary>Handles a saved or dormant client that is in the configuration.</summary>
    private void Revive(ClientState client, ClientDefinition definition, ConfiguredClient section)
    {
        _order.Add(client.Name);
        var before = _before.GetValueOrDefault(client.Name);
        if (client.KeyId != definition.KeyId)
        {
            _notices.Add(new(client.Name, "has another key in the configuration", IsWarning: false));
            client = _expiry.WithoutMaintenance(client);
        }

        var keepsSecret = before?.SecretDigest == section.SecretDigest;
        (keepsSecret ? definition.Secret : client.Secret).Dispose();
        var next = client with
        {
            KeyId = definition.KeyId,
            Fingerprint = definition.Fingerprint,
            Settings = SettingsMerge.Of(before?.Settings, section.Settings, client.Settings),
            Secret = keepsSecret ? client.Secret : definition.Secret,
        };
        _additions.Add(new ReconciliationStep.Add(_expiry.ExpireOrStart(_expiry.FollowEnabled(next, before, section))));
    }

    private void AddUnlessRemoved(ClientDefinition definition)
    {
        if (_before.ContainsKey(definition.Name))
        {
            definition.Secret.Dispose();
            TellRemoved(definition.Name);
            return;
        }

        _order.Add(definition.Name);
        _additions.Add(new ReconciliationStep.Add(ClientState.FirstSeen(definition, _now) with
        {
            Expires = definition.Enabled ? _now + definition.Settings.Timeout.Value : null,
        }));
    }

    private void TellRemoved(string name) =>
        _notices.Add(
            new(
                name, "was removed on the bus and stays removed until its section has been absent from the configuration once",
                IsWarning: false));

    /// <summary>Handles a running client without a valid section.</summary>
    private void KeepOrRemove(ClientState current)
    {
        var keeps = IsUnknown(current.Name) || !_before.ContainsKey(current.Name);
        if (keeps)
            _order.Add(current.Name);
        else
        {
            WarnOfRemoval(current.Name);
            _removals.Add(new ReconciliationStep.Remove(current.Name));
        }
    }

    /// <summary>Handles a saved or dormant client without a valid section.</summary>
    private void KeepOrDrop(ClientState client)
    {
        if (IsUnknown(client.Name) && client.Secret.Length == 0)
        {
            // From upstream's state: its secret cannot be decrypted without the section.
            _dormant.Add(client);
        }
        else if (IsUnknown(client.Name))
        {
            // As in a reload: an error in a file must not prevent a machine from booting.
            Resting(client);
            if (_configuration.Faulty.Contains(client.Name))
                _notices.Add(new(client.Name, "is served as it was saved: its section cannot be used", IsWarning: true));
        }
        else if (!_before.ContainsKey(client.Name))
        {
            // The client was added on the bus.
            Resting(client);
        }
        else
        {
            WarnOfRemoval(client.Name);
            client.Secret.Dispose();
        }
    }

    private void Resting(ClientState client)
    {
        _order.Add(client.Name);
        _additions.Add(new ReconciliationStep.Add(_expiry.ExpireOrStart(client)));
    }

    private void WarnOfRemoval(string name) =>
        _notices.Add(new(name, "is removed: it is no longer in the configuration", IsWarning: true));

    /// <summary>Whether the configuration has, or may have, an invalid section of that name.</summary>
    private bool IsUnknown(string name) => _configuration.Faulty.Contains(name) || (!_configuration.IsWhole && _before.ContainsKey(name));

    /// <summary>Warns of clients with the same key. Only the first one in the table can be served.</summary>
    private void WarnOfEqualKeys(Dictionary<string, ClientState> running)
    {
        var table = new Dictionary<string, ClientState>(running);
        foreach (var added in _additions.OfType<ReconciliationStep.Add>())
            table[added.Name] = added.State;
        foreach (var same in _order.Select(name => table[name]).Where(c => c.KeyId is not null).GroupBy(c => c.KeyId))
        {
            foreach (var other in same.Skip(1))
                _notices.Add(new(other.Name, $"has the same key_id as client [{same.First().Name}] and is not served", IsWarning: true));
        }
    }
}
