using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>
/// The store after a start whose outcome could not be saved. Each save first tries to save that outcome, with all changes since. Until this
/// succeeds every save fails, so that no client gets anything that must be saved first.
/// </summary>
/// <param name="open">Opens the store; throws while it cannot be written.</param>
/// <param name="clients">The clients after the start, in order.</param>
/// <param name="configured">The configuration they were built from.</param>
/// <param name="saved">Called once, when the outcome is saved.</param>
internal sealed class PendingStore(
    Func<SqliteClientStore> open, IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured,
    Action<SqliteClientStore> saved)
    : IClientStore
{
    private IReadOnlyList<ClientState> _clients = clients;
    private IReadOnlyList<ConfiguredClient> _configured = configured;
    private SqliteClientStore? _opened;

    /// <summary>The store, once the outcome is saved in it.</summary>
    internal SqliteClientStore? Saved { get; private set; }

    /// <summary>Whether this object owns the store.</summary>
    internal bool HasOpened => _opened is not null;

    /// <inheritdoc />
    public StoredState Load() => Saved?.Load() ?? throw new InvalidOperationException("nothing is saved yet");

    /// <inheritdoc />
    public void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now)
    {
        if (Saved is { } store)
            store.Replace(clients, configured, now);
        else
            SaveAll(clients, configured, now);
    }

    /// <inheritdoc />
    public void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed, Moment now)
    {
        if (Saved is { } store)
        {
            store.Save(changed, removed, now);
            return;
        }

        var later = changed.ToDictionary(c => c.Name);
        var table = _clients
            .Where(c => !removed.Contains(c.Name))
            .Select(c => later.Remove(c.Name, out var after) ? after : c)
            .ToList();
        SaveAll([.. table, .. changed.Where(c => later.ContainsKey(c.Name))], _configured, now);
    }

    /// <inheritdoc />
    public void SaveTimes(IReadOnlyList<ClientState> changed, Moment now)
    {
        if (Saved is { } store)
            store.SaveTimes(changed, now);
        else
            Save(changed, [], now);
    }

    /// <inheritdoc />
    public void Dispose() => _opened?.Dispose();

    private void SaveAll(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now)
    {
        _opened ??= open();
        _opened.Replace(clients, configured, now);
        Saved = _opened;
        _clients = [];
        _configured = [];
        saved(_opened);
    }
}
