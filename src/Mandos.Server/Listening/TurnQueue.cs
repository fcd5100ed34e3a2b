using System.Net;
using System.Net.Sockets;

namespace Mandos.Server.Listening;

/// <summary>
/// Those who wait for something, taken in turn: one of each network, and of each address in it, before the second of any. So
/// many connections, or many addresses of one network, wait for each other only.
/// </summary>
internal sealed class TurnQueue<T>
{
    private readonly Dictionary<IPAddress, Network> _networks = [];
    private readonly Queue<IPAddress> _round = [];

    /// <summary>Behind the others of its address.</summary>
    internal void Add(IPAddress address, T waiting)
    {
        var name = NetworkOf(address);
        if (!_networks.TryGetValue(name, out var network))
        {
            _networks.Add(name, network = new());
            _round.Enqueue(name);
        }

        if (!network.Waiting.TryGetValue(address, out var own))
        {
            network.Waiting.Add(address, own = []);
            network.Round.Enqueue(address);
        }

        own.Enqueue(waiting);
    }

    /// <summary>Takes out whose turn it is; false if nobody waits.</summary>
    internal bool TryTake(out T? next)
    {
        next = default;
        if (!_round.TryDequeue(out var name))
            return false;
        var network = _networks[name];
        var address = network.Round.Dequeue();
        var own = network.Waiting[address];
        next = own.Dequeue();
        if (own.Count == 0)
            network.Waiting.Remove(address);
        else
            network.Round.Enqueue(address);
        if (network.Round.Count == 0)
            _networks.Remove(name);
        else
            _round.Enqueue(name);
        return true;
    }

    /// <summary>The first 64 bits of an IPv6 address, 24 of an IPv4 one.</summary>
    private static IPAddress NetworkOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(plain.AddressFamily == AddressFamily.InterNetwork ? 3 : 8).Clear();
        return new IPAddress(bytes);
    }

    private sealed class Network
    {
        internal Dictionary<IPAddress, Queue<T>> Waiting { get; } = [];

        internal Queue<IPAddress> Round { get; } = [];
    }
}
