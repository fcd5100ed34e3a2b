using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// Addresses from which a client showed its key; some thousand of them, those of old make room. One that is shared with an
/// attacker loses its preference, or that attacker would go before all others.
/// </summary>
internal sealed class ProvenAddresses
{
    private const int Room = 4096;

    /// <summary>Handshakes that came to nothing since the last one that did not.</summary>
    private const int MostFailures = 4;

    private readonly Lock _gate = new();
    private Dictionary<IPAddress, int> _recent = [];
    private Dictionary<IPAddress, int> _older = [];

    internal bool Contains(IPAddress address)
    {
        lock (_gate)
            return _recent.ContainsKey(address) || _older.ContainsKey(address);
    }

    /// <summary>A client showed its key.</summary>
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

    /// <summary>A handshake came to nothing.</summary>
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
