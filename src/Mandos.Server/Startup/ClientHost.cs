using Mandos.Server.Checkers;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Configuration;
using Mandos.Server.Exit;
using Mandos.Server.Logging;
using Mandos.Server.Restoration;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>
/// The clients of a run: made of what was saved and what is configured, followed by a registry, and reconciled with the
/// configuration again at each reload. Owns the store and everything that is made of it.
/// </summary>
internal sealed class ClientHost : IDisposable
{
    /// <summary>How often it is said again that something else is served than what is configured.</summary>
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(10);

    private readonly RestoredClients _restored;
    private readonly ExpiryWarnings _expiry;
    private readonly ILogger _life;
    private readonly ILogger _checks;
    private readonly SecretLocking _locking;
    private readonly ITimer? _reminder;
    private TableOrigin _origin;

    private ClientHost(
        RestoredClients restored, ClientRegistry registry, ExpiryWarnings expiry, SecretLocking locking, ILogger life, ILogger checks)
    {
        _checks = checks;
        _locking = locking;
        _restored = restored;
        _expiry = expiry;
        _origin = restored.Origin;
        Registry = registry;
        _life = life;
        if (restored.ServesSaved)
            _reminder = TimeProvider.System.CreateTimer(_ => life.StillServesSaved(), null, Reminder, Reminder);
    }

    /// <summary>Who decides from now on.</summary>
    internal ClientRegistry Registry { get; }

    /// <summary>See <see cref="RestoredClients.Awaited"/>; of the start.</summary>
    internal IReadOnlySet<string> Awaited => _restored.Awaited;

    /// <summary>Restores what was saved, follows the configuration, and saves the outcome before any client can ask.</summary>
    /// <param name="settings">Where the state is, and whether it counts.</param>
    /// <param name="reading">The configuration; its secrets are taken over.</param>
    /// <param name="checkers">Who runs checks.</param>
    /// <param name="failing">Why checks failed.</param>
    /// <param name="expand">Fills in their commands.</param>
    /// <param name="loggers">For log lines.</param>
    /// <returns>Null if the configuration cannot be used, and nothing was saved that could be served in its place.</returns>
    /// <exception cref="StartupException">There is a state, but it cannot be had.</exception>
    internal static ClientHost? Open(
        ServerSettings settings, ClientsReading reading, ICheckers checkers, FailingChecks failing, CommandExpansion expand,
        ILoggerFactory loggers)
    {
        var life = loggers.CreateLogger(LogCategory.Life);
        try
        {
            if (RestoredClients.Open(settings, reading, life) is not { } restored)
                return null;
            var registry = new ClientRegistry(restored.Table, restored.Store, checkers, expand, TimeProvider.System, Random.Shared, life)
            {
                Reserved = Names(restored.Origin.Dormant),
                Heartbeat = TimeSpan.FromSeconds(5),
                Slack = TimeSpan.FromMilliseconds(100),
            };
            var locking = new SecretLocking(life);
            locking.Look(restored.Table.Concat(restored.Origin.Dormant));
            registry.Join(locking);
            registry.Join(new ClientJournal(loggers.CreateLogger(LogCategory.Decisions), loggers.CreateLogger(LogCategory.Checks)));
            var expiry = new ExpiryWarnings(failing, TimeProvider.System, loggers.CreateLogger(LogCategory.Decisions));
            registry.Join(expiry);
            TellDisabled(life, restored.Table, restored.Origin);
            return new ClientHost(restored, registry, expiry, locking, life, loggers.CreateLogger(LogCategory.Checkers));
        }
        catch (StoreException e)
        {
            throw new StartupException(e.Message, e.Hint);
        }
    }

    /// <summary>
    /// Follows a configuration that was read again: what changed in it takes effect, and nothing else changes. Its secrets are
    /// taken over. Not twice at once. False if nothing was changed.
    /// </summary>
    /// <param name="reading">The configuration.</param>
    /// <param name="cancellationToken">Ends the wait for it to be saved.</param>
    internal async Task<bool> FollowAsync(ClientsReading reading, CancellationToken cancellationToken)
    {
        using var planned = new PlannedReload(new(reading.Release(), reading.LeftOut) { Order = reading.Order }, _origin, _restored.Digest);
        // Here, where no fetch waits: many clients take a while.
        planned.Plan(Registry.Clients);
        var outcome = await Registry.ReplaceAllAsync(planned.ReplacementFor).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (outcome.Kind != ChangeOutcomeKind.Done)
        {
            planned.Abandon();
            _life.ReloadNotSaved(outcome.Detail ?? "the server is stopping");
            return false;
        }

        var plan = planned.Current;
        _origin.Dispose();
        _origin = plan.Origin;
        _locking.Look(Registry.Clients.Concat(_origin.Dormant));
        _ = _reminder?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _life.Tell(plan.Notices);
        TellDisabled(_life, Registry.Clients, plan.Origin);
        HashSet<string> changed = [.. plan.Steps.Select(step => step.Name)];
        CheckerPrograms.Tell([.. reading.Definitions.Where(c => changed.Contains(c.Name))], _checks);
        _life.Reloaded(plan.Order.Length, changed.Count);
        return true;
    }

    /// <summary>At a clean stop, when nothing changes any more: upstream Mandos then finds its clients as they are.</summary>
    internal void LeaveForOriginal()
    {
        if (Registry.IsStoreInUse || _restored.Whole() is not { } store)
            return;
        try
        {
            StateRestoration.LeaveForOriginal(store, Moment.Now(TimeProvider.System));
        }
        catch (StoreException e)
        {
            _life.NotLeftForOriginal(e.Message);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _reminder?.Dispose();
        _expiry.Dispose();
        var isStoreInUse = Registry.IsStoreInUse;
        Registry.Dispose();
        if (isStoreInUse)
            return;
        _origin.Dispose();
        _restored.Dispose();
    }

    /// <summary>The saved state of a client overrides its section; report it if the section says otherwise.</summary>
    private static void TellDisabled(ILogger life, IEnumerable<ClientState> clients, TableOrigin origin)
    {
        var enabled = origin.Configured.Where(c => c.Enabled).Select(c => c.Name).ToHashSet();
        life.TellDisabled([.. clients.Where(c => !c.Enabled && enabled.Contains(c.Name)).Select(c => c.Name)]);
    }

    private static HashSet<string> Names(IReadOnlyList<ClientState> clients) => [.. clients.Select(c => c.Name)];
}
