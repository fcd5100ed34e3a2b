using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// Counts, for each network, recent handshakes that failed or presented an unknown key, over the last one to two minutes. Some thousand
/// networks are remembered; the oldest are dropped.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class FailedNetworks(TimeProvider time)
{
    private const int Room = 4096;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Dictionary<IPAddress, int> _recent = [];
    private Dictionary<IPAddress, int> _older = [];
    private long _since = time.GetTimestamp();

    /// <summary>The number of networks that are remembered.</summary>
    internal int Tracked
    {
        get
        {
            lock (_gate)
                return _recent.Count + _older.Count;
        }
    }

    /// <summary>The number of failures from the network of an address.</summary>
    internal int Count(IPAddress address)
    {
        var network = NetworkAddress.Of(address);
        lock (_gate)
        {
            MoveOn();
            return _recent.GetValueOrDefault(network) + _older.GetValueOrDefault(network);
        }
    }

    /// <summary>Counts a failure.</summary>
    internal void Add(IPAddress address)
    {
        var network = NetworkAddress.Of(address);
        lock (_gate)
        {
            MoveOn();
            if (_recent.Count >= Room && !_recent.ContainsKey(network))
                Turn();
            _recent[network] = _recent.GetValueOrDefault(network) + 1;
        }
    }

    private void MoveOn()
    {
        var passed = time.GetElapsedTime(_since);
        if (passed >= Period)
            Turn();
        if (passed >= 2 * Period)
            _older.Clear();
    }

    private void Turn()
    {
        (_older, _recent) = (_recent, _older);
        _recent.Clear();
        _since = time.GetTimestamp();
    }
}
