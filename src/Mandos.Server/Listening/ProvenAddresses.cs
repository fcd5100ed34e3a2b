using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// Addresses from which a client presented its key. Some thousand are remembered; the oldest are dropped. An address that is shared with an
/// attacker loses its preference, as the attacker would otherwise come before all others.
/// </summary>
internal sealed class ProvenAddresses
{
    private const int Room = 4096;

    /// <summary>The limit on consecutive failed handshakes.</summary>
    private const int MostFailures = 4;

    private readonly Lock _gate = new();
    private Dictionary<IPAddress, int> _recent = [];
    private Dictionary<IPAddress, int> _older = [];

    internal bool Contains(IPAddress address)
    {
        lock (_gate)
            return _recent.ContainsKey(address) || _older.ContainsKey(address);
    }

    /// <summary>Records that a client presented its key.</summary>
    internal void Add(IPAddress address)
    {
        lock (_gate)
        {
            _older.Remove(address);
            _recent[address] = 0;
            if (_recent.Count < Room)
                return;
            (_older, _recent) = (_recent, _older);
            _recent.Clear();
        }
    }

    /// <summary>Records that a handshake failed.</summary>
    internal void Doubt(IPAddress address)
    {
        lock (_gate)
        {
            foreach (var known in (Dictionary<IPAddress, int>[])[_recent, _older])
            {
                if (!known.TryGetValue(address, out var failures))
                    continue;
                if (failures + 1 < MostFailures)
                    known[address] = failures + 1;
                else
                    known.Remove(address);
            }
        }
    }
}
