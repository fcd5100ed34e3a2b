using Mandos.Core.Text;
using Mandos.Server.Checkers;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Configuration;
using Mandos.Server.Exit;
using Mandos.Server.Logging;
using Mandos.Server.Restoration;
using Mandos.Server.Statistics;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>
/// The clients of a run: built from the saved state and the configuration, kept in a registry, and reconciled with the configuration at
/// each reload. Owns the store and everything built from it.
/// </summary>
internal sealed class ClientHost : IDisposable
{
    /// <summary>How often it is logged again that the served clients differ from the configuration.</summary>
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

    /// <summary>The registry of the clients.</summary>
    internal ClientRegistry Registry { get; }

    /// <summary>Warns of clients that will be disabled.</summary>
    internal ExpiryWarnings Warnings => _expiry;

    /// <summary>See <see cref="RestoredClients.Awaited"/>; as of the start.</summary>
    internal AwaitedClients Awaited => _restored.Awaited;

    /// <summary>Restores the saved state, applies the configuration, and saves the outcome before any client can connect.</summary>
    /// <param name="settings">The state directory, and whether to use it.</param>
    /// <param name="reading">The configuration; its secrets are taken over.</param>
    /// <param name="checkers">Runs checks.</param>
    /// <param name="failing">Why checks failed.</param>
    /// <param name="expand">Expands checker commands.</param>
    /// <param name="statistics">Counts checks and saves.</param>
    /// <param name="loggers">Creates the loggers.</param>
    /// <returns>Null if the configuration is unusable and there is no saved state to serve instead.</returns>
    /// <exception cref="StartupException">A state exists but cannot be used.</exception>
    internal static ClientHost? Open(
        ServerSettings settings, ClientsReading reading, ICheckers checkers, FailingChecks failing, CommandExpansion expand,
        ServerStatistics statistics, ILoggerFactory loggers)
    {
        var life = loggers.CreateLogger(LogCategory.Life);
        try
        {
            if (RestoredClients.Open(settings, reading, life) is not { } restored)
                return null;
            var store = new MeasuredStore(restored.Store, statistics, TimeProvider.System);
            var registry = new ClientRegistry(restored.Table, store, checkers, expand, TimeProvider.System, Random.Shared, life)
            {
                Reserved = Names(restored.Origin.Dormant),
                Heartbeat = TimeSpan.FromSeconds(5),
                Slack = TimeSpan.FromMilliseconds(100),
                MassFailure = settings.MassFailure,
            };
            var locking = new SecretLocking(life);
            locking.Look(restored.Table.Concat(restored.Origin.Dormant));
            registry.Join(locking);
            registry.Join(new CheckStatistics(statistics, TimeProvider.System));
            registry.Join(new ClientJournal(loggers.CreateLogger(LogCategory.Decisions), loggers.CreateLogger(LogCategory.Checks)));
            var expiry = new ExpiryWarnings(
                settings.DisableWarning, failing, TimeProvider.System, loggers.CreateLogger(LogCategory.Decisions));
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
    /// Applies a configuration that was read again: only what changed in it takes effect. Takes over its secrets. Not reentrant. False if
    /// nothing was changed.
    /// </summary>
    /// <param name="reading">The configuration.</param>
    /// <param name="cancellationToken">Ends the wait for the save.</param>
    internal async Task<bool> FollowAsync(ClientsReading reading, CancellationToken cancellationToken)
    {
        using var planned = new PlannedReload(new(reading.Release(), reading.LeftOut) { Order = reading.Order }, _origin, _restored.Digest);
        // Planned here, where no request waits, because many clients take a while.
        planned.Plan(Registry.Clients);
        _restored.Note(reading);
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
        _life.Reloaded(Quantity.Of(plan.Order.Length, "client"), changed.Count);
        return true;
    }

    /// <summary>
    /// Writes upstream's state file at a clean stop, when nothing changes any more, so that upstream Mandos finds the current clients.
    /// </summary>
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

    /// <summary>
    /// Reports clients that are disabled in the saved state but enabled in their section; the saved state takes precedence.
    /// </summary>
    private static void TellDisabled(ILogger life, IEnumerable<ClientState> clients, TableOrigin origin)
    {
        var enabled = origin.Configured.Where(c => c.Enabled).Select(c => c.Name).ToHashSet();
        life.TellDisabled([.. clients.Where(c => !c.Enabled && enabled.Contains(c.Name)).Select(c => c.Name)]);
    }

    private static HashSet<string> Names(IReadOnlyList<ClientState> clients) => [.. clients.Select(c => c.Name)];
}
