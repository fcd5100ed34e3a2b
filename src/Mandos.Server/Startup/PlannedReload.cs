using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Restoration;

namespace Mandos.Server.Startup;

/// <summary>
/// What a reload changes, worked out before its turn comes, so that nothing else waits for it; and worked out again then if one
/// of the clients is not what it was.
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
    /// <param name="origin">What the clients were made of.</param>
    /// <param name="digest">Of the state.</param>
    internal PlannedReload(ConfiguredTable table, TableOrigin origin, SecretDigest digest)
    {
        _table = table;
        _origin = origin;
        _digests = table.Clients.ToDictionary(c => c.Name, c => digest(c.Name, c.Secret));
        // A plan releases those that it does not need, which another one may.
        _held = [.. table.Clients.Select(c => c.Secret).Where(secret => secret.TryHold())];
    }

    /// <summary>The one that was made last; the code that carries it out owns it.</summary>
    internal ReconciliationPlan Current => _plan ?? throw new InvalidOperationException("nothing is planned yet");

    /// <summary>Works out what is to become of clients.</summary>
    internal void Plan(IReadOnlyList<ClientState> running)
    {
        _running = running;
        _plan = Reconciliation.AtReload(running, _origin, _table, Moment.Now(TimeProvider.System), (client, _) => _digests[client]);
        _replacement = Replacement(_plan);
        _added = [.. _plan.Steps.OfType<ReconciliationStep.Add>().Select(step => step.Name)];
    }

    /// <summary>The outcome for the clients as they are now.</summary>
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

    /// <summary>It is not carried out.</summary>
    internal void Abandon()
    {
        // The secrets that go into the table are those of the one who was to put them there.
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

    /// <summary>The times of clients go on by themselves; they matter where a client is replaced by what was made of it.</summary>
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
