using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>The content of a store, as far as this process wrote it.</summary>
internal sealed class SavedTable
{
    private readonly Dictionary<string, ClientState> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfiguredClient> _configured = new(StringComparer.Ordinal);

    /// <summary>Whether this is the complete content of the store.</summary>
    internal bool IsWhole { get; private set; }

    internal IEnumerable<ClientState> Clients => _clients.Values;

    internal IReadOnlyDictionary<string, ConfiguredClient> Configured => _configured;

    internal ClientState? Find(string client) => _clients.GetValueOrDefault(client);

    internal bool Differs(ClientState client) =>
        !_clients.TryGetValue(client.Name, out var saved) || !(ReferenceEquals(saved, client) || saved.SavesAs(client));

    internal bool Differs(ConfiguredClient section) => !_configured.TryGetValue(section.Name, out var saved) || saved != section;

    /// <summary>Returns the names of saved clients that are not among these.</summary>
    internal List<string> NamesWithout(IEnumerable<ClientState> clients) => [.. _clients.Keys.Except(clients.Select(c => c.Name))];

    /// <summary>Returns the names of saved sections that are not among these.</summary>
    internal List<string> SectionsWithout(IEnumerable<ConfiguredClient> configured) =>
        [.. _configured.Keys.Except(configured.Select(c => c.Name))];

    /// <summary>Records that the whole content was replaced.</summary>
    internal void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured)
    {
        _clients.Clear();
        _configured.Clear();
        foreach (var client in clients)
            _clients[client.Name] = client;
        foreach (var section in configured)
            _configured[section.Name] = section;
        IsWhole = true;
    }

    /// <summary>
    /// Records that the whole content was read and is about to be replaced. A client whose time was saved by the clock of this boot is
    /// known; any other must be saved again, and is left out.
    /// </summary>
    internal void Take(StoredState read, Moment now) => Replace(
        [.. read.Clients.Select(c => c.State with
        {
            Expires = c is { RunsOn: true, Remaining: { } left } ? now + left : null,
            Maintenance = c is { RunsOn: true, MaintenanceLeft: { } rest } ? now + rest : null,
        })],
        [.. read.Configured.Values]);

    /// <summary>
    /// Returns what the store would read, without reading it, if all of it is known and the secrets still exist; otherwise null.
    /// </summary>
    internal StoredState? Held(Moment now)
    {
        if (!IsWhole)
            return null;
        var clients = new List<StoredClient>();
        foreach (var state in Clients)
        {
            if (state.Secret.TryHold())
            {
                clients.Add(new StoredClient
                {
                    State = state,
                    Remaining = state.Expires?.Monotonic - now.Monotonic,
                    MaintenanceLeft = state.Maintenance?.Monotonic - now.Monotonic,
                });
                continue;
            }

            clients.ForEach(c => c.State.Secret.Dispose());
            return null;
        }

        return new StoredState(clients, Configured);
    }

    /// <summary>Records a save.</summary>
    internal void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed)
    {
        foreach (var name in removed)
            _clients.Remove(name);
        foreach (var client in changed)
            _clients[client.Name] = client;
    }
}
