using Mandos.Core.Text;
using Mandos.Server.Clients;
using Mandos.Server.Store;
using Mandos.Server.Store.Import;

namespace Mandos.Server.Restoration;

/// <summary>
/// Combines what earlier runs left, ours or upstream's, at a start. First the plan is carried out and saved, then <see cref="Complete"/> is
/// called; after a crash in between, the next start does the same again.
/// </summary>
internal sealed class StateRestoration
{
    private readonly OriginalStateFile? _original;
    private readonly bool _isOurs;

    private StateRestoration(ReconciliationPlan plan, OriginalStateFile? original, bool isOurs)
    {
        Plan = plan;
        _original = original;
        _isOurs = isOurs;
    }

    /// <summary>The plan for the empty table.</summary>
    internal ReconciliationPlan Plan { get; }

    /// <summary>For the log: what was imported from upstream; null if nothing was.</summary>
    internal string? Note { get; private init; }

    /// <summary>For the log: what upstream took over and did not return; null if nothing is known of it.</summary>
    internal string? Loss { get; private init; }

    /// <summary>Examines what exists.</summary>
    /// <param name="store">The open store, or a copy.</param>
    /// <param name="configuration">The configuration, whose secrets the plan takes over.</param>
    /// <param name="now">The time of the start.</param>
    /// <exception cref="StoreException">The saved state cannot be read. Nothing was changed.</exception>
    internal static StateRestoration Begin(SqliteClientStore store, ConfiguredTable configuration, Moment now)
    {
        var original = store.Directory is { } directory ? OriginalStateFile.Find(directory) : null;
        var isOurs = original?.IsOurs(store) ?? false;
        var replaced = store.ReplacedAt;
        if (original is not null && !isOurs && Newer(original, store) is { } state)
        {
            var imported = new OriginalImport(original.Saved, now.Wall, store.Digest).Convert(state, configuration);
            var added = replaced is null ? [] : AddedOnTheBus(store.Load());
            var stored =
                imported with
                {
                    Clients = [
                    .. imported.Clients, .. added.Where(a => imported.Clients.All(c => c.State.Name != a.State.Name))]
                };
            return new(Reconciliation.AtStart(stored, configuration, now, store.Digest), original, isOurs)
            {
                Note = $"the state of {Quantity.Of(imported.Clients.Count, "client")} was imported from {original.Path}, "
                    + $"which is now called {OriginalStateFile.ImportedName}",
            };
        }

        return new(Reconciliation.AtStart(replaced is null ? null : store.Load(), configuration, now, store.Digest), original, isOurs)
        {
            Loss = !isOurs && store.IsLeftForOriginal ? LossOf(store.Directory?.File(OriginalStateFile.FileName)) : null,
        };
    }

    /// <summary>
    /// Upstream's state if it is newer than ours, so upstream ran in between; null if it is not. If the file replaced the state that we
    /// exported for upstream, that is certain whatever the clock said, unless the file is damaged.
    /// </summary>
    private static OriginalState? Newer(OriginalStateFile original, SqliteClientStore store)
    {
        if (store.ReplacedAt is not { } replaced || original.Saved > replaced)
            return original.Parse();
        if (!store.IsLeftForOriginal)
            return null;
        try
        {
            return original.Parse();
        }
        catch (StoreException)
        {
            return null;
        }
    }

    private static string LossOf(string? path) =>
        $"the state that was exported for upstream Mandos in {path} was picked up, but not saved again: changes since then, such as "
            + "disabled clients, are unknown; "
        + "hint: check which clients are enabled; upstream Mandos saves its state only when it is stopped cleanly";

    /// <summary>
    /// Moves upstream's state file aside, and deletes the one that we exported at the last stop: if we were killed, upstream would continue
    /// from it. Called when the plan has been saved.
    /// </summary>
    /// <exception cref="StoreException">The file cannot be renamed.</exception>
    internal void Complete()
    {
        if (_isOurs)
            _original?.Delete();
        else
            _original?.PutAside();
    }

    /// <summary>Exports the state for upstream at a clean stop, after the last change.</summary>
    /// <exception cref="StoreException">The export could not be written; our own state is saved nevertheless.</exception>
    internal static void LeaveForOriginal(SqliteClientStore store, Moment now) => OriginalStateFile.Write(store, now);

    /// <summary>Returns the clients that were added on the bus, which upstream does not know.</summary>
    private static List<StoredClient> AddedOnTheBus(StoredState stored)
    {
        foreach (var client in stored.Clients.Where(c => stored.Configured.ContainsKey(c.State.Name)))
            client.State.Secret.Dispose();
        return [.. stored.Clients.Where(c => !stored.Configured.ContainsKey(c.State.Name))];
    }
}
