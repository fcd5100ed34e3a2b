using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Restoration;

namespace Mandos.Server.Startup;

/// <summary>
/// The changes of a reload. They are computed before the reload's turn, so that nothing else waits for that, and again in its turn if a
/// client has changed in the meantime.
/// </summary>
internal sealed class PlannedReload : IDisposable
{
    private readonly ConfiguredTable _table;
    private readonly TableOrigin _origin;
    private readonly Dictionary<string, string> _digests;
    private readonly List<ClientSecret> _held;
    private IReadOnlyList<ClientState> _running = [];
    private ReconciliationPlan? _plan;
    private TableReplacement? _replacement;
    private HashSet<string> _added = [];
    private bool _isHandedOver;

    /// <param name="table">The configuration; its secrets are taken over.</param>
    /// <param name="origin">What the current clients were built from.</param>
    /// <param name="digest">The secret digest of the state.</param>
    internal PlannedReload(ConfiguredTable table, TableOrigin origin, SecretDigest digest)
    {
        _table = table;
        _origin = origin;
        _digests = table.Clients.ToDictionary(c => c.Name, c => digest(c.Name, c.Secret));
        // A plan releases the secrets that it does not need, but the next plan may need them.
        _held = [.. table.Clients.Select(c => c.Secret).Where(secret => secret.TryHold())];
    }

    /// <summary>The latest plan; the code that carries it out owns it.</summary>
    internal ReconciliationPlan Current => _plan ?? throw new InvalidOperationException("nothing is planned yet");

    /// <summary>Computes the changes for these clients.</summary>
    internal void Plan(IReadOnlyList<ClientState> running)
    {
        _running = running;
        _plan = Reconciliation.AtReload(running, _origin, _table, Moment.Now(TimeProvider.System), (client, _) => _digests[client]);
        _replacement = Replacement(_plan);
        _added = [.. _plan.Steps.OfType<ReconciliationStep.Add>().Select(step => step.Name)];
    }

    /// <summary>Returns the replacement for the clients in their current state.</summary>
    internal TableReplacement ReplacementFor(IReadOnlyList<ClientState> running)
    {
        if (_replacement is null || !AreAsPlanned(running))
        {
            _plan?.Dispose();
            foreach (var secret in _held)
                _ = secret.TryHold();
            Plan(running);
        }

        _isHandedOver = true;
        return _replacement!;
    }

    /// <summary>Discards the plan.</summary>
    internal void Abandon()
    {
        // The table now owns the secrets that it contains.
        if (_isHandedOver)
            Current.Origin.Dispose();
        else
            Current.Dispose();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var secret in _held)
            secret.Dispose();
        _held.Clear();
    }

    /// <summary>
    /// Whether the plan is still valid. The times of clients change by themselves; they matter only where the plan replaces a client with
    /// one built from its state.
    /// </summary>
    private bool AreAsPlanned(IReadOnlyList<ClientState> running)
    {
        if (running.Count != _running.Count)
            return false;
        for (var i = 0; i < running.Count; i++)
        {
            var (now, then) = (running[i], _running[i]);
            if (!ReferenceEquals(now, then)
                && !(now.Name == then.Name && !_added.Contains(now.Name) && now.KeyId == then.KeyId
                    && now.Fingerprint == then.Fingerprint && now.Settings == then.Settings
                    && ReferenceEquals(now.Secret, then.Secret) && now.Enabled == then.Enabled))
                return false;
        }

        return true;
    }

    private static TableReplacement Replacement(ReconciliationPlan plan)
    {
        var additions = plan.Steps.OfType<ReconciliationStep.Add>().ToDictionary(step => step.Name);
        var changes = plan.Steps.OfType<ReconciliationStep.Change>().ToDictionary(step => step.Name);
        var clients = plan.Order.Select<string, ClientReplacement>(name =>
            additions.TryGetValue(name, out var added) ? new ClientReplacement.Add(added.State)
            : changes.TryGetValue(name, out var changed) ? Kept(name, changed)
            : new ClientReplacement.Keep(name));
        return new TableReplacement([.. clients], plan.Origin.Configured, plan.Origin.Dormant);
    }

    private static ClientReplacement.Keep Kept(string name, ReconciliationStep.Change changed) => new(
        name,
        changed.Events.OfType<ClientEvent.Configure>().FirstOrDefault()?.Settings,
        changed.Events.OfType<ClientEvent.ReplaceSecret>().FirstOrDefault()?.Secret,
        changed.Events.Any(e => e is ClientEvent.Enable) ? true : changed.Events.Any(e => e is ClientEvent.Disable) ? false : null);
}
