using System.Net;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Core.Tests.Linux;

public sealed class LocalAddressTests
{
    [Fact]
    public void The_loopback_address_is_listed_with_interface_and_prefix() =>
        Assert.Contains(new LocalAddress(1, IPAddress.Loopback, 8), LocalAddress.ReadAll());

    [Theory]
    [InlineData("192.0.2.1", 24, "192.0.2.255", true)]
    [InlineData("192.0.2.1", 24, "192.0.3.1", false)]
    [InlineData("192.0.2.129", 25, "192.0.2.1", false)]
    [InlineData("192.0.2.1", 32, "192.0.2.1", true)]
    [InlineData("192.0.2.1", 0, "203.0.113.1", true)]
    [InlineData("2001:db8::1", 64, "2001:db8::ffff", true)]
    [InlineData("2001:db8::1", 64, "2001:db8:0:1::1", false)]
    [InlineData("2001:db8::1", 64, "192.0.2.1", false)]
    public void A_neighbour_has_the_same_prefix(string address, int prefix, string other, bool expected) =>
        Assert.Equal(expected, new LocalAddress(2, IPAddress.Parse(address), prefix).HasNeighbour(IPAddress.Parse(other)));
}
