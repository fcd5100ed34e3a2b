using System.Net;
using Mandos.Client.Network;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Tests.Network;

public sealed class RaisedInterfaceTests
{
    private const LinkFlags Up = LinkFlags.Broadcast | LinkFlags.Up | LinkFlags.Running;
    private static readonly LinkAddress Had = new(IPAddress.Parse("192.0.2.1"), 24, 0);
    private readonly RaisedInterface _raised = new(InterfaceSelectionTests.Link(2, "eth0", LinkFlags.Broadcast, Had));

    [Theory]
    [InlineData("fe80::1", false, false)]
    [InlineData("169.254.3.4", false, false)]
    [InlineData("2001:db8::1", true, false)]
    [InlineData("2001:db8::1", false, true)]
    [InlineData("192.0.2.2", false, true)]
    [InlineData("192.0.2.1", false, false)]
    public void A_configured_address_takes_over_the_interface(string address, bool fromRouter, bool takenOver)
    {
        _raised.Follow(
            InterfaceSelectionTests.Link(2, "eth0", Up, Had, new LinkAddress(IPAddress.Parse(address), 24, 0) { FromRouter = fromRouter }));
        Assert.Equal(takenOver, _raised.IsTakenOver);
    }

    [Fact]
    public void An_interface_is_taken_over_when_it_goes_down_but_not_by_events_from_before_it_was_up()
    {
        _raised.Follow(InterfaceSelectionTests.Link(2, "eth0", LinkFlags.Broadcast));
        _raised.Follow(InterfaceSelectionTests.Link(2, "eth0", Up));
        Assert.False(_raised.IsTakenOver);
        _raised.Follow(InterfaceSelectionTests.Link(2, "eth0", LinkFlags.Broadcast));
        Assert.True(_raised.IsTakenOver);
    }

    [Fact]
    public void An_interface_is_taken_over_when_it_joins_a_bridge()
    {
        _raised.Follow(InterfaceSelectionTests.Link(2, "eth0", Up) with { Master = 9 });
        Assert.True(_raised.IsTakenOver);
        _raised.Follow(InterfaceSelectionTests.Link(2, "eth0", Up));
        Assert.False(_raised.IsTakenOver);
    }

    [Fact]
    public void Only_the_final_addresses_of_an_interface_count()
    {
        _raised.Follow(InterfaceSelectionTests.Link(2, "eth0", Up, new LinkAddress(IPAddress.Parse("192.0.2.9"), 24, 0)));
        Assert.True(_raised.IsTakenOver);
        _raised.Follow(InterfaceSelectionTests.Link(2, "eth0", Up));
        Assert.False(_raised.IsTakenOver);
    }
}
