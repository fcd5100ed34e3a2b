using System.Net;
using System.Net.Sockets;
using Mandos.Client.Network;

namespace Mandos.Client.Tests.Network;

public sealed class HostRoutesTests
{
    [Theory]
    [InlineData("2001:db8::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("169.253.0.1", true)]
    [InlineData("fe80::1", false)]
    [InlineData("febf::1", false)]
    [InlineData("169.254.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("0.1.2.3", false)]
    [InlineData("ff02::fb", false)]
    [InlineData("224.0.0.251", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::ffff:192.0.2.1", false)]
    public void A_route_can_help_for_unicast_addresses_beyond_link_scope(string address, bool helps) =>
        Assert.Equal(helps, HostRoutes.MayHelp(IPAddress.Parse(address)));

    [Theory]
    [InlineData(SocketError.NetworkUnreachable, true)]
    [InlineData(SocketError.HostUnreachable, true)]
    [InlineData(SocketError.ConnectionRefused, false)]
    [InlineData(SocketError.TimedOut, false)]
    public void A_route_can_help_when_the_address_is_unreachable(SocketError error, bool helps) =>
        Assert.Equal(helps, HostRoutes.MayHelp(error));
}
