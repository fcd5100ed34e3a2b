using Mandos.Core.Linux.Processes;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Mandos.Server.Restoration;
using Mandos.Server.Store;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>
/// The result of a start: a table of clients, built from the saved state and the configuration, and the store for its changes. If the state
/// directory is not writable, the saved clients are served nevertheless, and saved again as soon as that works. A state that is damaged or
/// in use is not served, because it would be unknown which clients are disabled.
/// </summary>
internal sealed class RestoredClients : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>The store that the start opened, from which a later one takes its notes; null without one.</summary>
    private SqliteClientStore? _first;

    private RestoredClients()
    {
    }

    /// <summary>The clients in table order. The caller that takes them over owns their secrets.</summary>
    internal required IReadOnlyList<ClientState> Table { get; init; }

    /// <summary>What the table was built from.</summary>
    internal required TableOrigin Origin { get; init; }

    /// <summary>The store for the table.</summary>
    internal required IClientStore Store { get; init; }

    /// <summary>The secret digest of the state.</summary>
    internal required SecretDigest Digest { get; init; }

    /// <summary>Whether clients are served that are in no readable file.</summary>
    internal bool ServesSaved { get; private init; }

    /// <summary>The clients that are kept because the files that may contain them are missing.</summary>
    internal AwaitedClients Awaited { get; private init; } = AwaitedClients.None;

    /// <summary>The complete store, for writing upstream's state file; null while the state cannot be saved or must not be.</summary>
    internal Func<SqliteClientStore?> Whole { get; private init; } = () => null;

    /// <summary>Restores the saved state, applies the configuration, and saves the outcome.</summary>
    /// <param name="settings">The state directory, and whether to use it.</param>
    /// <param name="reading">The configuration; its secrets are taken over.</param>
    /// <param name="life">Logs what happened.</param>
    /// <returns>Null if the configuration is unusable and there is no saved state to serve instead.</returns>
    /// <exception cref="StoreException">A state exists but cannot be used.</exception>
    internal static RestoredClients? Open(ServerSettings settings, ClientsReading reading, ILogger life)
    {
        var now = Moment.Now(TimeProvider.System);
        if (!settings.Restore)
            return reading.Source == ClientsSource.Malformed ? null : Forgetful(reading, now, life);
        var store = OpenStore(settings.StateDirectory, out var trouble);
        try
        {
            if (reading.Source == ClientsSource.Malformed && store.ReplacedAt is null)
            {
                store.Dispose();
                return null;
            }

            return Restore(store, trouble, settings, reading, now, life);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Has the files of a reload noted with its outcome, so that the next start misses them.</summary>
    internal void Note(ClientsReading reading)
    {
        var files = new ClientFilesNote(reading.HasMain, reading.HasFolder);
        foreach (var store in new[] { _first, Whole() })
        {
            if (store is not null)
                store.Files = files;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Store.Dispose();
        foreach (var owned in _owned)
            owned.Dispose();
    }

    /// <summary>Opens the store, or a copy of it in memory if the disk prevents that.</summary>
    private static SqliteClientStore OpenStore(string directory, out StoreException? trouble)
    {
        trouble = null;
        try
        {
            return SqliteClientStore.Open(directory, TimeProvider.System, BootClock.OfSystem());
        }
        catch (StoreException e) when (e.IsAboutDisk)
        {
            trouble = e;
        }

        try
        {
            return SqliteClientStore.OpenCopy(directory, TimeProvider.System, BootClock.OfSystem());
        }
        catch (StoreException e) when (e.IsAboutDisk)
        {
            // The store is not readable either, so it is unknown which clients are disabled.
            throw trouble;
        }
    }

    private static RestoredClients Forgetful(ClientsReading reading, Moment now, ILogger life)
    {
        var key = StoreKey.Draw(out var bytes);
        bytes.Dispose();
        var plan = Reconciliation.AtStart(null, Configuration(reading), now, key.Digest);
        life.Tell(plan.Notices);
        return new RestoredClients { Table = TableOf(plan), Origin = plan.Origin, Store = new ForgetfulStore(), Digest = key.Digest };
    }

    private static RestoredClients Restore(
        SqliteClientStore store, StoreException? trouble, ServerSettings settings, ClientsReading reading, Moment now, ILogger life)
    {
        var isWhole = reading.Source is ClientsSource.Whole or ClientsSource.Missing;
        var configured = reading.Definitions.Select(d => d.Name).ToHashSet();
        // With only clients.d in use, removing a file removes its client.
        var lacksMain = !reading.HasMain && store.HadMainFile;
        var lacksFolder = !reading.HasFolder && store.HadFolder;
        var configuration = Configuration(reading, lacksMain || lacksFolder) with { MassFailure = settings.MassFailure };
        var restoration = StateRestoration.Begin(store, configuration, now);
        var plan = restoration.Plan;
        var table = TableOf(plan);
        life.Tell(plan.Notices);
        var awaited =
            lacksMain || lacksFolder ? new AwaitedClients(Kept(plan, table, reading), lacksMain, lacksFolder) : AwaitedClients.None;
        var servesSaved = !isWhole || !awaited.IsEmpty;
        if (!isWhole)
            life.ServesSaved(table.Count(c => !configured.Contains(c.Name)));
        else
            life.Report(awaited, settings.ClientsFile);
        foreach (var warning in new[] { store.Notice, restoration.Loss }.OfType<string>())
            life.StateWarning(warning);
        if (restoration.Note is { } note)
            life.TakenOver(note);

        IReadOnlyList<ClientState> all = [.. table, .. plan.Origin.Dormant];
        store.Files = new(reading.HasMain || (lacksMain && !awaited.IsEmpty), reading.HasFolder || (lacksFolder && !awaited.IsEmpty));
        var isCopy = trouble is not null;
        if (trouble is null)
        {
            try
            {
                store.Replace(all, plan.Origin.Configured, now);
                Complete(restoration, life);
                return new RestoredClients
                {
                    Table = table,
                    Origin = plan.Origin,
                    Store = store,
                    Digest = store.Digest,
                    _first = store,
                    Whole = () => store,
                    ServesSaved = servesSaved,
                    Awaited = awaited,
                };
            }
            catch (StoreException e) when (e.IsAboutDisk)
            {
                trouble = e;
            }
        }

        life.StartsUnsaved(trouble.Message, trouble.Hint ?? "fix it; nothing else is needed");
        var replaced = store.ReplacedAt;
        var pending = new PendingStore(
            () => isCopy ? Reopen(store, settings.StateDirectory, replaced) : store, all, plan.Origin.Configured,
            _ => Complete(restoration, life));
        var restored =
            new RestoredClients
            {
                Table = table,
                Origin = plan.Origin,
                Store = pending,
                Digest = store.Digest,
                _first = store,
                Whole = () => pending.Saved,
                ServesSaved = servesSaved,
                Awaited = awaited,
            };
        // The copy keeps the directory locked.
        if (isCopy)
            restored._owned.Add(store);
        else
            restored._owned.Add(new Unopened(pending, store));
        return restored;
    }

    /// <summary>
    /// Opens the copied store on disk, once that may work again. A state that did not exist at the start, for example on a disk that was
    /// mounted later, is not overwritten.
    /// </summary>
    private static SqliteClientStore Reopen(SqliteClientStore copy, string directory, DateTime? replaced)
    {
        var store = copy.Directory is { } locked
            ? SqliteClientStore.Open(locked, TimeProvider.System, BootClock.OfSystem(), copy.DrawnKey)
            : SqliteClientStore.Open(directory, TimeProvider.System, BootClock.OfSystem(), StoreSchema.Current, copy.DrawnKey);
        if (store.ReplacedAt == replaced)
        {
            store.Files = copy.Files;
            return store;
        }

        store.Dispose();
        throw new StoreException(
            $"{directory} contains a different state than when the server started; restart the server to use it",
            "systemctl restart mandos");
    }

    /// <summary>Completes an import. Our saved state is now valid; upstream's file is older, whatever happens to it.</summary>
    private static void Complete(StateRestoration restoration, ILogger life)
    {
        try
        {
            restoration.Complete();
        }
        catch (StoreException e)
        {
            life.StateWarning(e.Message);
        }
    }

    private static ConfiguredTable Configuration(ClientsReading reading, bool lacksFiles = false) =>
        new(reading.Release(), reading.LeftOut, !lacksFiles && reading.Source is (ClientsSource.Whole or ClientsSource.Missing));

    /// <summary>The clients that were configured and have no section now.</summary>
    private static IReadOnlySet<string> Kept(ReconciliationPlan plan, IEnumerable<ClientState> table, ClientsReading reading) =>
        reading.Without(plan.Origin.Configured.Select(c => c.Name).Intersect(table.Concat(plan.Origin.Dormant).Select(c => c.Name)));

    private static List<ClientState> TableOf(ReconciliationPlan plan)
    {
        var clients = plan.Steps.OfType<ReconciliationStep.Add>().ToDictionary(step => step.Name, step => step.State);
        return [.. plan.Order.Select(name => clients[name])];
    }

    /// <summary>A store that could be opened and is disposed unless the pending store takes it over.</summary>
    private sealed class Unopened(PendingStore pending, SqliteClientStore store) : IDisposable
    {
        public void Dispose()
        {
            if (!pending.HasOpened)
                store.Dispose();
        }
    }
}
