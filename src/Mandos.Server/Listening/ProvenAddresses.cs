using System.Net;

namespace Mandos.Server.Listening;

/// <summary>Addresses from which somebody showed the key of a client; some thousand of them, those of old make room.</summary>
internal sealed class ProvenAddresses
{
    private const int Room = 4096;

    private readonly Lock _gate = new();
    private HashSet<IPAddress> _recent = [];
    private HashSet<IPAddress> _older = [];

    internal bool Contains(IPAddress address)
    {
        lock (_gate)
            return _recent.Contains(address) || _older.Contains(address);
    }

    internal void Add(IPAddress address)
    {
        lock (_gate)
        {
            if (!_recent.Add(address) || _recent.Count < Room)
                return;
            (_older, _recent) = (_recent, _older);
            _recent.Clear();
        }
    }
}
