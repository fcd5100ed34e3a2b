using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// A fair queue: it serves each network in turn, and each address within a network in turn. Many connections from one address, or many
/// addresses of one network, delay only each other.
/// </summary>
internal sealed class FairQueue<T>
{
    private readonly Dictionary<IPAddress, Network> _networks = [];
    private readonly LinkedList<Network> _round = [];

    /// <summary>Adds an item behind the others of its address.</summary>
    internal void Add(IPAddress address, T waiting)
    {
        var name = NetworkAddress.Of(address);
        if (!_networks.TryGetValue(name, out var network))
        {
            _networks.Add(name, network = new(name));
            _round.AddLast(network.Place);
        }

        if (!network.Addresses.TryGetValue(address, out var own))
        {
            network.Addresses.Add(address, own = new(address));
            network.Round.AddLast(own.Place);
        }

        own.Waiting.AddLast(waiting);
    }

    /// <summary>Takes the next item; false if the queue is empty.</summary>
    internal bool TryTake(out T? next)
    {
        next = default;
        if (_round.First is not { Value: var network })
            return false;
        var own = network.Round.First!.Value;
        next = own.Waiting.First!.Value;
        own.Waiting.RemoveFirst();
        network.Round.Remove(own.Place);
        network.Round.AddLast(own.Place);
        _round.Remove(network.Place);
        _round.AddLast(network.Place);
        ForgetEmpty(network, own);
        return true;
    }

    /// <summary>Removes an item that no longer waits; does nothing if it was already taken.</summary>
    internal void Remove(IPAddress address, T waiting)
    {
        if (_networks.TryGetValue(NetworkAddress.Of(address), out var network) && network.Addresses.TryGetValue(address, out var own)
            && own.Waiting.Remove(waiting))
            ForgetEmpty(network, own);
    }

    private void ForgetEmpty(Network network, Address own)
    {
        if (own.Waiting.Count > 0)
            return;
        network.Round.Remove(own.Place);
        network.Addresses.Remove(own.Name);
        if (network.Addresses.Count > 0)
            return;
        _round.Remove(network.Place);
        _networks.Remove(network.Name);
    }

    private sealed class Network
    {
        internal Network(IPAddress name)
        {
            Name = name;
            Place = new(this);
        }

        internal IPAddress Name { get; }

        internal LinkedListNode<Network> Place { get; }

        internal Dictionary<IPAddress, Address> Addresses { get; } = [];

        internal LinkedList<Address> Round { get; } = [];
    }

    private sealed class Address
    {
        internal Address(IPAddress name)
        {
            Name = name;
            Place = new(this);
        }

        internal IPAddress Name { get; }

        internal LinkedListNode<Address> Place { get; }

        internal LinkedList<T> Waiting { get; } = [];
    }
}
