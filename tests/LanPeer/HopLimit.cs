using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Makaretu.Dns;

namespace Mandos.LanPeer;

/// <summary>
/// The library leaves the hop limit of multicast at the kernel's 1 and has no setting for it. With the 255 that RFC 6762, section 11,
/// wants, its packets are taken for those of a neighbour.
/// </summary>
internal static class HopLimit
{
    internal static void Set(MulticastService multicast, int hopLimit)
    {
        var client = Field(multicast, "client");
        var senders = (IReadOnlyCollection<KeyValuePair<IPAddress, UdpClient>>)Field(client, "senders");
        if (senders.Count == 0)
            throw new InvalidOperationException("the library sends on no interface");
        foreach (var (_, sender) in senders)
            sender.Client.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, hopLimit);
    }

    private static object Field(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.NonPublic | BindingFlags.Instance)?.GetValue(owner)
            ?? throw new InvalidOperationException($"{owner.GetType().Name} has no {name}");
}
