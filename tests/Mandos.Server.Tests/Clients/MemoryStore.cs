using System.Text;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Clients;

/// <summary>A store that keeps what was saved, secrets too, and fails when it is told to.</summary>
internal sealed class MemoryStore : IClientStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (ClientState State, string Secret)> _saved = [];

    /// <summary>Why nothing can be saved; null if it can.</summary>
    internal string? Failure { get; set; }

    /// <summary>Called before anything is kept.</summary>
    internal Action<IReadOnlyList<ClientState>>? Saving { get; set; }

    /// <summary>Called when it was kept, before anybody knows.</summary>
    internal Action<IReadOnlyList<ClientState>>? Saved { get; set; }

    /// <summary>How often something was saved.</summary>
    internal int Saves { get; private set; }

    /// <summary>How often it was tried in vain.</summary>
    internal int Failures { get; private set; }

    internal IReadOnlyList<ConfiguredClient> Configured { get; private set; } = [];

    internal ClientState? this[string name]
    {
        get
        {
            lock (_gate)
                return _saved.TryGetValue(name, out var client) ? client.State : null;
        }
    }

    internal int Count => _saved.Count;

    internal string SecretOf(string name) => _saved[name].Secret;

    public StoredState Load() => throw new NotSupportedException();

    /// <summary>What a start of the server gets: what was saved, and nothing of what lived in the run.</summary>
    internal List<ClientState> Restore() => [.. _saved.Values.Select(c => c.State with
    {
        Secret = ClientStory.Secret(c.Secret),
        ExpiresOtherwise = null,
        NextCheck = null,
        Checker = null,
        IsOnLastCheck = false,
        Requests = [],
        Decision = null,
    })];

    public void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now)
    {
        Begin(clients);
        lock (_gate)
        {
            _saved.Clear();
            Keep(clients);
        }

        Configured = configured;
        Saved?.Invoke(clients);
    }

    public void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed, Moment now)
    {
        Begin(changed);
        lock (_gate)
        {
            foreach (var name in removed)
                _saved.Remove(name);
            Keep(changed);
        }

        Saved?.Invoke(changed);
    }

    public void SaveTimes(IReadOnlyList<ClientState> changed, Moment now) => Save(changed, [], now);

    public void Dispose()
    {
    }

    private void Begin(IReadOnlyList<ClientState> clients)
    {
        Saving?.Invoke(clients);
        if (Failure is { } failure)
        {
            Failures++;
            throw new StoreException(failure);
        }

        Saves++;
    }

    private void Keep(IReadOnlyList<ClientState> clients)
    {
        foreach (var client in clients)
            _saved[client.Name] = (client, Encoding.ASCII.GetString(client.Secret.Memory.Span));
    }
}
