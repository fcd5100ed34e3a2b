using System.Net;
using Mandos.Client.Network;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Tests.Network;

public sealed class UsableInterfacesTests
{
    private const LinkFlags Running = LinkFlags.Broadcast | LinkFlags.Up | LinkFlags.Running;
    private static readonly LinkAddress LinkLocal = new(IPAddress.Parse("fe80::1%2"), 64, AddressFlags.None);
    private static readonly LinkAddress Global = new(IPAddress.Parse("192.0.2.1"), 24, AddressFlags.None);
    private readonly UsableInterfaces _interfaces = new(InterfaceSelection.Parse([], connecting: false));

    [Fact]
    public void An_interface_is_reported_when_it_can_be_used_and_when_it_no_longer_can()
    {
        Assert.Null(Apply(LinkFlags.Broadcast));
        Assert.Null(Apply(Running));
        Assert.Null(Apply(Running, LinkLocal with { Flags = AddressFlags.Tentative }));
        Assert.Equal(new InterfaceChange(2, "eth0", true), Apply(Running, LinkLocal));
        Assert.Equal([2], _interfaces.Indices);
        Assert.Equal(new InterfaceChange(2, "eth0", false), Apply(Running & ~LinkFlags.Running, LinkLocal));
        Assert.Empty(_interfaces.Indices);
    }

    [Fact]
    public void An_interface_is_reported_again_for_a_new_address_but_not_when_an_address_stops_being_tentative()
    {
        var optimistic = LinkLocal with { Flags = AddressFlags.Tentative | AddressFlags.Optimistic };

        Assert.True(Apply(Running, optimistic)?.Usable);
        Assert.Null(Apply(Running, LinkLocal));
        Assert.True(Apply(Running, LinkLocal, Global)?.Usable);
        Assert.Null(Apply(Running, Global));
    }

    [Fact]
    public void An_interface_that_disappears_or_gets_a_name_that_is_not_selected_is_reported()
    {
        var named = new UsableInterfaces(InterfaceSelection.Parse(["eth0"], connecting: false));
        var link = InterfaceSelectionTests.Link(2, "eth0", Running, Global);

        Assert.True(named.Apply(new LinkChange(2, link))?.Usable);
        Assert.False(named.Apply(new LinkChange(2, link with { Name = "other" }))?.Usable);
        Assert.True(named.Apply(new LinkChange(2, link))?.Usable);
        Assert.False(named.Apply(new LinkChange(2, null))?.Usable);
        Assert.Null(named.Apply(new LinkChange(2, null)));
    }

    private InterfaceChange? Apply(LinkFlags flags, params LinkAddress[] addresses) =>
        _interfaces.Apply(new LinkChange(2, InterfaceSelectionTests.Link(2, "eth0", flags, addresses)));
}
