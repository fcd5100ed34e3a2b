using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>
/// The store of a start whose outcome could not be saved. Each attempt to save anything tries to save that outcome first, with
/// all that changed since; until one succeeds none does, so that nothing that has to be saved is given to any client.
/// </summary>
/// <param name="open">Opens the store; throws while it cannot be written.</param>
/// <param name="clients">The outcome of the start, in its order.</param>
/// <param name="configured">What it was made of.</param>
/// <param name="saved">Called once, when it is saved.</param>
internal sealed class PendingStore(
    Func<SqliteClientStore> open, IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured,
    Action<SqliteClientStore> saved)
    : IClientStore
{
    private IReadOnlyList<ClientState> _clients = clients;
    private IReadOnlyList<ConfiguredClient> _configured = configured;
    private SqliteClientStore? _opened;

    /// <summary>The store, once it has what it should have.</summary>
    internal SqliteClientStore? Saved { get; private set; }

    /// <summary>Whether it owns the store.</summary>
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
