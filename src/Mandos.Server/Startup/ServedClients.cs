using Mandos.Core.Linux;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Mandos.Server.Logging;
using Mandos.Server.Store;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>
/// The clients of a run: made of what was saved and what is configured, followed by a registry, and reconciled with the
/// configuration again at each reload. Owns the store and everything that is made of it.
/// </summary>
internal sealed class ServedClients : IDisposable
{
    private readonly SqliteClientStore _store;
    private readonly ILogger _life;
    private TableOrigin _origin;

    private ServedClients(SqliteClientStore store, TableOrigin origin, ClientRegistry registry, ILogger life)
    {
        _store = store;
        _origin = origin;
        Registry = registry;
        _life = life;
    }

    /// <summary>Who decides from now on.</summary>
    internal ClientRegistry Registry { get; }

    /// <summary>Restores what was saved, follows the configuration, and saves the outcome before anybody can ask.</summary>
    /// <param name="settings">Where the state is, and whether it counts.</param>
    /// <param name="reading">The configuration; its secrets are taken over.</param>
    /// <param name="checkers">Who runs checks.</param>
    /// <param name="expand">Fills in their commands.</param>
    /// <param name="loggers">For what is told.</param>
    /// <exception cref="StartupException">There is a state, but it cannot be had.</exception>
    internal static ServedClients Open(ServerSettings settings, ClientsReading reading, ICheckers checkers, CommandExpansion expand, ILoggerFactory loggers)
    {
        var life = loggers.CreateLogger(LogCategory.Life);
        SqliteClientStore? store = null;
        try
        {
            store = SqliteClientStore.Open(settings.StateDirectory, TimeProvider.System, BootClock.OfSystem());
            var now = Moment.Now(TimeProvider.System);
            var isWhole = reading.Source == ClientsSource.Whole;
            var restoration = StateRestoration.Begin(store, new(reading.Release(), reading.LeftOut, isWhole), settings.Restore, now);
            var plan = restoration.Plan;
            var clients = plan.Steps.OfType<ReconciliationStep.Add>().ToDictionary(step => step.Name, step => step.State);
            var table = plan.Order.Select(name => clients[name]).ToList();
            store.Replace([.. table, .. plan.Origin.Dormant], plan.Origin.Configured, now);
            restoration.Complete();
            if (restoration.Note is { } note)
                life.TakenOver(note);
            life.Tell(plan.Notices);
            if (!isWhole && plan.Origin.Dormant.Length > 0)
                life.Kept(plan.Origin.Dormant.Length);
            var registry = new ClientRegistry(table, store, checkers, expand, TimeProvider.System, Random.Shared, life)
            {
                Reserved = Names(plan.Origin.Dormant),
            };
            var locking = new SecretLocking(life);
            locking.Look(table);
            registry.Subscribe(locking);
            registry.Subscribe(new ClientJournal(loggers.CreateLogger(LogCategory.Decisions), loggers.CreateLogger(LogCategory.Checks)));
            return new ServedClients(store, plan.Origin, registry, life);
        }
        catch (StoreException e)
        {
            store?.Dispose();
            throw new StartupException(e.Message, e.Hint);
        }
    }

    /// <summary>
    /// Follows a configuration that was read anew: what changed in it takes effect, and nothing else changes. Its secrets are
    /// taken over. Not twice at once.
    /// </summary>
    internal async Task FollowAsync(ClientsReading reading)
    {
        ReconciliationPlan? plan = null;
        var table = new ConfiguredTable(reading.Release(), reading.LeftOut);
        var outcome = await Registry.ReplaceAllAsync(running =>
        {
            plan = Reconciliation.AtReload(running, _origin, table, Moment.Now(TimeProvider.System), _store.Digest);
            return Replacement(plan);
        }).ConfigureAwait(false);
        if (outcome.Kind != ChangeOutcomeKind.Done || plan is null)
        {
            plan?.Origin.Dispose();
            _life.ReloadNotSaved(outcome.Detail ?? "it stops");
            return;
        }

        _origin.Dispose();
        _origin = plan.Origin;
        _life.Tell(plan.Notices);
        _life.Reloaded(plan.Order.Length, plan.Steps.Select(step => step.Name).Distinct().Count());
    }

    /// <summary>At a clean stop, when nothing changes any more: whoever goes back to the original finds its clients as they are.</summary>
    internal void LeaveForOriginal()
    {
        try
        {
            StateRestoration.LeaveForOriginal(_store, Moment.Now(TimeProvider.System));
        }
        catch (StoreException e)
        {
            _life.NotLeftForOriginal(e.Message);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Registry.Dispose();
        _origin.Dispose();
        _store.Dispose();
    }

    private static HashSet<string> Names(IReadOnlyList<ClientState> clients) => [.. clients.Select(c => c.Name)];

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
