using System.Collections.Immutable;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>Which clients there are, in their order; replaced whole when one comes or goes.</summary>
internal sealed class ClientIndex
{
    private readonly Dictionary<string, ClientEntry> _byName = [];
    private readonly Dictionary<KeyId, ClientEntry> _byKey = [];

    internal ClientIndex(ImmutableArray<ClientEntry> entries)
    {
        Entries = entries;
        foreach (var entry in entries)
        {
            // The first in the order of the table wins, as it always has.
            _byName.TryAdd(entry.Name, entry);
            if (entry.Published.KeyId is { } key && key != KeyId.OfNothing)
                _byKey.TryAdd(key, entry);
        }
    }

    internal ImmutableArray<ClientEntry> Entries { get; }

    internal ClientEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The client that holds a key; no client holds the hash of the empty string, whatever a configuration says.</summary>
    internal ClientEntry? Find(KeyId key) => _byKey.GetValueOrDefault(key);
}
