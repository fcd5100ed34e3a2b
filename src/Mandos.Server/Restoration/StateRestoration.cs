using Mandos.Server.Clients;
using Mandos.Server.Store;
using Mandos.Server.Store.Import;

namespace Mandos.Server.Restoration;

/// <summary>
/// What a start makes of what earlier runs left, ours or the original's. First the plan is carried out and saved, then
/// <see cref="Complete"/> is called; a crash in between repeats the same at the next start.
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

    /// <summary>For the empty table.</summary>
    internal ReconciliationPlan Plan { get; }

    /// <summary>For the log: what was taken over from the original; null if nothing was.</summary>
    internal string? Note { get; private init; }

    /// <summary>For the log: what the original took and did not bring back; null if nothing is known of it.</summary>
    internal string? Loss { get; private init; }

    /// <summary>Finds out what there is.</summary>
    /// <param name="store">Open, or a copy.</param>
    /// <param name="configuration">Read at this start; its secrets go over to the plan.</param>
    /// <param name="now">The start.</param>
    /// <exception cref="StoreException">What there is cannot be read. Nothing was changed.</exception>
    internal static StateRestoration Begin(SqliteClientStore store, ConfiguredTable configuration, Moment now)
    {
        var original = store.Directory is { } directory ? OriginalStateFile.Find(directory) : null;
        var isOurs = original?.IsOurs(store) ?? false;
        var replaced = store.ReplacedAt;
        // A state of the original that is newer than ours: it ran in between.
        if (original is not null && !isOurs && (replaced is null || original.Saved > replaced) && original.Parse() is { } state)
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
                Note = FormattableString.Invariant(
                    $"the state of {imported.Clients.Count} clients was imported from {original.Path}, which is now called {OriginalStateFile.ImportedName}"),
            };
        }

        return new(Reconciliation.AtStart(replaced is null ? null : store.Load(), configuration, now, store.Digest), original, isOurs)
        {
            Loss = !isOurs && store.IsLeftForOriginal ? LossOf(store.Directory?.File(OriginalStateFile.FileName)) : null,
        };
    }

    private static string LossOf(string? path) =>
        $"the state that was exported for upstream Mandos in {path} was picked up, but not saved again: changes since then, such as "
            + "disabled clients, are unknown; "
        + "hint: check which clients are enabled; upstream Mandos saves its state only when it is stopped cleanly";

    /// <summary>
    /// Puts aside what the original left, and deletes what we left for it at the last stop: should we be killed, it would
    /// go on from there. To be called once the plan is saved.
    /// </summary>
    /// <exception cref="StoreException">It cannot be renamed.</exception>
    internal void Complete()
    {
        if (_isOurs)
            _original?.Delete();
        else
            _original?.PutAside();
    }

    /// <summary>To be called at a clean stop, after the last change: lets the original go on from here.</summary>
    /// <exception cref="StoreException">It could not be written; what matters to us is saved all the same.</exception>
    internal static void LeaveForOriginal(SqliteClientStore store, Moment now) => OriginalStateFile.Write(store, now);

    /// <summary>The original knows nothing of them.</summary>
    private static List<StoredClient> AddedOnTheBus(StoredState stored)
    {
        foreach (var client in stored.Clients.Where(c => stored.Configured.ContainsKey(c.State.Name)))
            client.State.Secret.Dispose();
        return [.. stored.Clients.Where(c => !stored.Configured.ContainsKey(c.State.Name))];
    }
}
