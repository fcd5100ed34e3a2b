using System.Collections.Immutable;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>Which clients there are, in their order; replaced whole when one comes or goes.</summary>
internal sealed class ClientRoll
{
    private readonly Dictionary<string, ClientSlot> _byName = [];
    private readonly Dictionary<KeyId, ClientSlot> _byKey = [];

    internal ClientRoll(ImmutableArray<ClientSlot> slots)
    {
        Slots = slots;
        foreach (var slot in slots)
        {
            // The first in the order of the table wins, as it always has.
            _byName.TryAdd(slot.Name, slot);
            if (slot.Published.KeyId is { } key && key != KeyId.OfNothing)
                _byKey.TryAdd(key, slot);
        }
    }

    internal ImmutableArray<ClientSlot> Slots { get; }

    internal ClientSlot? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The client that holds a key; no client holds the hash of the empty string, whatever a configuration says.</summary>
    internal ClientSlot? Find(KeyId key) => _byKey.GetValueOrDefault(key);
}
