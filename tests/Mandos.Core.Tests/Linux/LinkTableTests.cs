using System.Net;
using CsCheck;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Core.Tests.Linux;

public sealed class LinkTableTests
{
    private readonly LinkTable _table = new();

    [Fact]
    public void A_link_is_added_changed_renamed_and_removed()
    {
        Assert.Equal(2, Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Broadcast)));
        Assert.Equal("eth0", Link(2).Name);
        Assert.False(Link(2).IsUp);

        Assert.Equal(
            2, Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "enp1s0", LinkFlags.Broadcast | LinkFlags.Up | LinkFlags.Running)));
        Assert.Equal(("enp1s0", true), (Link(2).Name, Link(2).IsRunning));

        Assert.Equal(2, Apply(RouteMessages.Link(LinkTable.RTM_DELLINK, 2, "enp1s0", LinkFlags.None)));
        Assert.Null(_table.ChangeOf(2).State);
    }

    [Fact]
    public void Addresses_are_added_changed_and_removed_and_survive_changes_of_their_link()
    {
        Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Up));
        Apply(RouteMessages.Address(LinkTable.RTM_NEWADDR, 2, "fe80::1", 64, AddressFlags.Tentative));
        Apply(RouteMessages.Address(LinkTable.RTM_NEWADDR, 2, "192.0.2.1", 24));
        Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Up | LinkFlags.Running));
        Assert.True(Link(2).Addresses[0].Tentative);

        Apply(RouteMessages.Address(LinkTable.RTM_NEWADDR, 2, "fe80::1", 64));
        Assert.Equal(
            [new LinkAddress(new IPAddress(IPAddress.Parse("fe80::1").GetAddressBytes(), 2), 64, 0),
                new LinkAddress(IPAddress.Parse("192.0.2.1"), 24, 0)],
            Link(2).Addresses);

        Apply(RouteMessages.Address(LinkTable.RTM_DELADDR, 2, "fe80::1", 64));
        Assert.Equal(["192.0.2.1"], Link(2).Addresses.Select(address => address.Address.ToString()));
    }

    [Fact]
    public void A_netlink_message_without_a_relevant_change_reports_no_change()
    {
        Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Up));
        Apply(RouteMessages.Address(LinkTable.RTM_NEWADDR, 2, "fe80::1", 64));

        const LinkFlags promiscuous = (LinkFlags)0x100;
        Assert.Equal(0, Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Up | promiscuous)));
        Assert.Equal(0, Apply(RouteMessages.Address(LinkTable.RTM_NEWADDR, 2, "fe80::1", 64)));
        Assert.Equal(0, Apply(RouteMessages.Address(LinkTable.RTM_DELADDR, 2, "fe80::2", 64)));
        Assert.Equal(0, Apply(RouteMessages.Address(LinkTable.RTM_NEWADDR, 3, "fe80::2", 64)));
        Assert.Equal(0, Apply(RouteMessages.Link(LinkTable.RTM_DELLINK, 3, "eth1", LinkFlags.None)));
    }

    [Fact]
    public void An_interface_that_leaves_a_bridge_is_still_a_link()
    {
        const byte bridge = 7;
        Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Up));

        Assert.Equal(0, Apply(RouteMessages.Link(LinkTable.RTM_DELLINK, 2, "eth0", LinkFlags.Up, bridge)));

        Assert.Equal("eth0", Link(2).Name);
    }

    [Fact]
    public void Alternative_names_and_lower_and_master_interfaces_are_read()
    {
        var names = RouteMessages.Nested((53, RouteMessages.Text("enp1s0")), (53, RouteMessages.Text("a-name-of-more-than-15-bytes")));
        Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Up, 0, (0x8000 | 52, names), (10, BitConverter.GetBytes(7))));
        Assert.Equal(["eth0", "enp1s0", "a-name-of-more-than-15-bytes"], Link(2).Names);
        Assert.Equal((0, 7), (Link(2).Lower, Link(2).Master));
        Assert.Equal(2, Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Up)));
        Assert.Equal(["eth0"], Link(2).Names);
    }

    [Theory]
    [InlineData("vlan", 2, false, 2)]
    [InlineData("vlan", 3, false, 0)]
    [InlineData("vlan", 2, true, 0)]
    [InlineData("veth", 2, false, 0)]
    [InlineData("macvlan", 2, false, 2)]
    public void A_link_has_a_lower_link_only_in_the_same_namespace_and_not_for_a_veth_pair(
        string kind, int link, bool elsewhere, int lower)
    {
        List<(ushort, byte[])> attributes = [(5, BitConverter.GetBytes(link)), (18, RouteMessages.Nested((1, RouteMessages.Text(kind))))];
        if (elsewhere)
            attributes.Add((37, BitConverter.GetBytes(0)));
        Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 3, "upper", LinkFlags.None, 0, [.. attributes]));
        Assert.Equal(lower, Link(3).Lower);
    }

    [Theory]
    [InlineData("2001:db8::1", 0, (byte)2, true)]
    [InlineData("2001:db8::1", 1, null, true)]
    [InlineData("2001:db8::1", 0, null, false)]
    [InlineData("2001:db8::1", 0, (byte)3, false)]
    [InlineData("192.0.2.1", 1, null, false)]
    public void A_router_announced_address_is_distinguished_from_a_configured_one(
        string address, int flags, byte? protocol, bool fromRouter)
    {
        Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Up));
        Apply(RouteMessages.Address(LinkTable.RTM_NEWADDR, 2, address, 64, (AddressFlags)flags, protocol: protocol));
        Assert.Equal(fromRouter, Link(2).Addresses.Single().FromRouter);
    }

    [Fact]
    public void On_a_point_to_point_link_the_local_address_is_used_and_not_that_of_the_peer()
    {
        Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "ppp0", LinkFlags.PointToPoint));
        Apply(RouteMessages.Address(LinkTable.RTM_NEWADDR, 2, "192.0.2.2", 32, local: "192.0.2.1"));

        Assert.Equal("192.0.2.1", Link(2).Addresses.Single().Address.ToString());
    }

    [Fact]
    public void Applying_the_changes_between_two_tables_gives_the_second()
    {
        var links = Gen.Select(Gen.Int[1, 5], Gen.Int[0, 2], Gen.Bool).Array[0, 8];

        Gen.Select(links, links).Sample((older, newer) =>
        {
            var (from, to) = (TableOf(older), TableOf(newer));
            var known = from.Links.ToDictionary(link => link.Index);

            foreach (var (index, state) in to.ChangesSince(from))
            {
                if (state is null)
                    Assert.True(known.Remove(index));
                else
                    known[index] = state;
            }

            Assert.Equal(to.Links, known.Values.OrderBy(link => link.Index));
            Assert.Empty(to.ChangesSince(to));
        });
    }

    [Theory]
    [InlineData(LinkFlags.Up | LinkFlags.Running, AddressFlags.None, true)]
    [InlineData(LinkFlags.Up | LinkFlags.Running, AddressFlags.Deprecated, true)]
    [InlineData(LinkFlags.Up | LinkFlags.Running, AddressFlags.Tentative, false)]
    [InlineData(LinkFlags.Up | LinkFlags.Running, AddressFlags.Tentative | AddressFlags.Optimistic, true)]
    [InlineData(LinkFlags.Up | LinkFlags.Running, AddressFlags.Tentative | AddressFlags.DadFailed, false)]
    [InlineData(LinkFlags.Up, AddressFlags.None, false)]
    [InlineData(LinkFlags.Running, AddressFlags.None, false)]
    public void A_link_is_usable_with_carrier_and_a_usable_address(LinkFlags flags, AddressFlags address, bool usable)
    {
        Apply(RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", flags));
        Assert.False(Link(2).IsUsable);
        Apply(RouteMessages.Address(LinkTable.RTM_NEWADDR, 2, "fe80::1", 64, address));

        Assert.Equal(usable, Link(2).IsUsable);
    }

    private LinkState Link(int index) => Assert.IsType<LinkState>(_table.ChangeOf(index).State);

    private int Apply(byte[] message) => Apply(_table, message);

    private static int Apply(LinkTable table, byte[] message)
    {
        var reader = new NetlinkReader(message);
        Assert.True(reader.MoveNext());
        return table.Apply(reader.Type, reader.Payload);
    }

    private static LinkTable TableOf((int Index, int Addresses, bool Up)[] links)
    {
        var table = new LinkTable();
        foreach (var (index, addresses, up) in links)
        {
            Apply(table, RouteMessages.Link(LinkTable.RTM_NEWLINK, index, $"eth{index}", up ? LinkFlags.Up : 0));
            for (var i = 0; i < addresses; i++)
                Apply(table, RouteMessages.Address(LinkTable.RTM_NEWADDR, index, $"192.0.2.{i}", 24));
        }
        return table;
    }
}
