using System.Net;
using System.Net.Sockets;

namespace Mandos.Server.Listening;

/// <summary>
/// The network of an address: the first 64 bits of an IPv6 address, 24 bits of an IPv4 address; of a link-local address also its link. A
/// host that has one address of a network can often use all of them.
/// </summary>
internal static class NetworkAddress
{
    internal static IPAddress Of(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(plain.AddressFamily == AddressFamily.InterNetwork ? 3 : 8).Clear();
        return plain.IsIPv6LinkLocal ? new(bytes, plain.ScopeId) : new(bytes);
    }
}
