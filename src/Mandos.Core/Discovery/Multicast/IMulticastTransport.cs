using System.Net.Sockets;
using System.Net;
using Mandos.Core.Linux;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>Transports multicast DNS packets, so that the protocol needs no sockets.</summary>
internal interface IMulticastTransport : IAsyncDisposable
{
    /// <summary>Starts to pass on received packets. May be called only once.</summary>
    void Start(IMulticastReceiver receiver);

    /// <summary>Why port 5353 cannot be used with an address family; null if it can.</summary>
    string? RefusalOf(AddressFamily family) => null;

    /// <summary>Joins the group on a link; joining again reads the interface's addresses again.</summary>
    Errno Join(MulticastLink link);

    void Leave(MulticastLink link);

    /// <summary>Sends from port 5353 to the group.</summary>
    Errno Send(MulticastLink link, ReadOnlySpan<byte> message);

    /// <summary>
    /// Sends to the group from our own port, so that each responder answers immediately by unicast (RFC 6762, section 5.1).
    /// </summary>
    Errno SendOneShot(MulticastLink link, ReadOnlySpan<byte> message);

    /// <summary>Sends from port 5353 to one host.</summary>
    Errno SendTo(MulticastLink link, IPAddress destination, ushort port, ReadOnlySpan<byte> message);

    /// <summary>The addresses of the interface that belong to the link's family.</summary>
    IReadOnlyList<IPAddress> AddressesOf(MulticastLink link);

    /// <summary>Whether this is an address of this machine.</summary>
    bool IsOwn(IPAddress address);
}

/// <summary>Receives packets; called for one packet at a time per socket.</summary>
internal interface IMulticastReceiver
{
    void Receive(in MulticastPacket packet);
}
