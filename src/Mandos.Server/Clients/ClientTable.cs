using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>All clients in the order of the file. Owns them.</summary>
internal sealed class ClientTable : IDisposable
{
    private readonly Dictionary<KeyId, Client> _byKey = [];

    internal ClientTable(IReadOnlyList<Client> clients)
    {
        Clients = clients;
        foreach (var client in clients)
        {
            // The first in the order of the file wins.
            if (client.KeyId is { } key)
                _byKey.TryAdd(key, client);
        }
    }

    internal IReadOnlyList<Client> Clients { get; }

    /// <summary>Who holds a key; null for an unknown one, and for the key ID of nothing whatever the file says.</summary>
    internal Client? Find(KeyId key) => key == KeyId.OfNothing ? null : _byKey.GetValueOrDefault(key);

    /// <summary>Wipes all secrets.</summary>
    public void Dispose()
    {
        foreach (var client in Clients)
            client.Dispose();
    }
}
