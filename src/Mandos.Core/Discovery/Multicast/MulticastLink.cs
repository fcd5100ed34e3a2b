using System.Net;
using System.Net.Sockets;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>An interface and an address family, which determine where a multicast DNS packet goes.</summary>
internal readonly record struct MulticastLink(int InterfaceIndex, bool IsIPv6)
{
    /// <summary>The port of multicast DNS, and the source port of every answer (RFC 6762, section 6).</summary>
    internal const ushort Port = 5353;

    internal static IPAddress Group4 { get; } = new([224, 0, 0, 251]);

    internal static IPAddress Group6 { get; } = new([0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFB]);

    internal IPAddress Group => IsIPv6 ? Group6 : Group4;

    internal bool Carries(IPAddress address) => (address.AddressFamily == AddressFamily.InterNetworkV6) == IsIPv6;

    public override string ToString() => $"interface {InterfaceIndex} ({(IsIPv6 ? "IPv6" : "IPv4")})";
}
