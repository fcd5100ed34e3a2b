using System.Collections.Immutable;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>An immutable index of the clients, in their order; replaced as a whole when a client is added or removed.</summary>
internal sealed class ClientIndex
{
    private readonly Dictionary<string, ClientEntry> _byName = [];
    private readonly Dictionary<KeyId, ClientEntry> _byKey = [];

    internal ClientIndex(ImmutableArray<ClientEntry> entries)
    {
        Entries = entries;
        foreach (var entry in entries)
        {
            // If a name occurs twice, the first client in table order wins.
            _byName.TryAdd(entry.Name, entry);
            if (entry.Published.KeyId is { } key && key != KeyId.OfNothing)
                _byKey.TryAdd(key, entry);
        }
    }

    internal ImmutableArray<ClientEntry> Entries { get; }

    internal ClientEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>
    /// Finds the client that holds a key. No client can hold the hash of the empty string, whatever a configuration says.
    /// </summary>
    internal ClientEntry? Find(KeyId key) => _byKey.GetValueOrDefault(key);
}
