using System.Net.Sockets;
using System.Net;
using Mandos.Core.Linux;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>Carries packets of multicast DNS; the protocol itself knows no sockets.</summary>
internal interface IMulticastTransport : IAsyncDisposable
{
    /// <summary>Starts to hand over what arrives. Call once.</summary>
    void Start(IMulticastReceiver receiver);

    /// <summary>Why nothing can be sent from port 5353 or received there over a family; null if it can.</summary>
    string? RefusalOf(AddressFamily family) => null;

    /// <summary>Joins the group on a link; joining again reads the interface's addresses again.</summary>
    Errno Join(MulticastLink link);

    void Leave(MulticastLink link);

    /// <summary>Sends from port 5353 to the group.</summary>
    Errno Send(MulticastLink link, ReadOnlySpan<byte> message);

    /// <summary>
    /// Sends to the group from our own port, so that each responder answers at once by unicast (RFC 6762, section 5.1).
    /// </summary>
    Errno SendOneShot(MulticastLink link, ReadOnlySpan<byte> message);

    /// <summary>Sends from port 5353 to one host.</summary>
    Errno SendTo(MulticastLink link, IPAddress destination, ushort port, ReadOnlySpan<byte> message);

    /// <summary>The addresses of the interface that belong to the link's family.</summary>
    IReadOnlyList<IPAddress> AddressesOf(MulticastLink link);

    /// <summary>True if the address is one of this machine's.</summary>
    bool IsOwn(IPAddress address);
}

/// <summary>Takes packets that arrived; called for one packet at a time per transport socket.</summary>
internal interface IMulticastReceiver
{
    void Receive(in MulticastPacket packet);
}
