using Mandos.Client.Network;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Tests.Network;

public sealed class InterfaceSelectionTests
{
    private const LinkFlags Ethernet = LinkFlags.Broadcast;

    [Theory]
    [InlineData(LinkFlags.Broadcast, false, true)]
    [InlineData(LinkFlags.Broadcast | LinkFlags.Up, false, true)]
    [InlineData(LinkFlags.Broadcast | LinkFlags.NoArp, false, false)]
    [InlineData(LinkFlags.Broadcast | LinkFlags.Loopback, false, false)]
    [InlineData(LinkFlags.Broadcast | LinkFlags.Loopback, true, false)]
    [InlineData(LinkFlags.None, false, false)]
    [InlineData(LinkFlags.None, true, false)]
    [InlineData(LinkFlags.PointToPoint, false, false)]
    [InlineData(LinkFlags.PointToPoint, true, true)]
    [InlineData(LinkFlags.PointToPoint | LinkFlags.NoArp, true, true)]
    [InlineData(LinkFlags.PointToPoint | LinkFlags.Loopback, true, false)]
    public void Suitable_interfaces_are_selected_and_brought_up_automatically(LinkFlags flags, bool connecting, bool good)
    {
        var selection = InterfaceSelection.Parse([], connecting);

        Assert.True(selection.IsAutomatic);
        Assert.Equal((good, good), (selection.Includes(Link(1, "x", flags)), selection.BringsUp(Link(1, "x", flags))));
    }

    // Of the interfaces a, b, c (all good) and lo.
    [Theory]
    [InlineData("", "a b c", "a b c")]
    [InlineData(",,", "a b c", "a b c")]
    [InlineData("b", "b", "b")]
    [InlineData("c,a", "c a", "c a")]
    [InlineData("c,,a", "c a", "c a")]
    [InlineData("c a", "c a", "c a")]
    [InlineData("lo", "lo", "lo")]
    [InlineData("missing", "", "")]
    [InlineData("missing,b", "b", "b")]
    [InlineData("none", "a b c", "")]
    [InlineData("none,none", "a b c", "")]
    [InlineData("b,none", "b", "b")]
    [InlineData("none,b", "b", "")]
    [InlineData("c,none,a,none,b", "c a b", "c")]
    [InlineData("none,missing", "", "")]
    [InlineData("None", "", "")]
    public void Interfaces_are_used_in_list_order_and_those_after_none_are_not_brought_up(string options, string used, string broughtUp)
    {
        // A space stands for a second option.
        var selection = InterfaceSelection.Parse(options.Split(' '), connecting: false);
        LinkState[] links = [Link(1, "lo", LinkFlags.Loopback), Link(4, "c", Ethernet), Link(3, "a", Ethernet), Link(2, "b", Ethernet)];

        var chosen = selection.Choose(links).ToArray();

        Assert.Equal(used, string.Join(' ', chosen.Select(link => link.Name)));
        Assert.Equal(broughtUp, string.Join(' ', chosen.Where(selection.BringsUp).Select(link => link.Name)));
    }

    // Of the interfaces a, b, c (all good) and tun0, which is not; c is also called other.
    [Theory]
    [InlineData("b", "", "b", "a b c", "a b c")]
    [InlineData("gone", "", "", "a b c", "a b c")]
    [InlineData("tun0", "", "tun0", "a b c tun0", "a b c tun0")]
    [InlineData("other,gone", "", "c", "a b c", "a b c")]
    [InlineData("gone", "b", "b", "b", "b")]
    [InlineData("c", "b", "c b", "b c", "b c")]
    [InlineData("gone", "none", "", "a b c", "")]
    [InlineData("b,none", "", "b", "a b c", "a b c")]
    public void Preferred_names_restrict_the_choice_until_it_is_widened(
        string preferred, string strict, string used, string widened, string broughtUp)
    {
        var selection = InterfaceSelection.Parse([strict], connecting: false, [preferred]);
        LinkState[] links =
            [Link(4, "c", Ethernet) with { AlternativeNames = ["other"] }, Link(3, "a", Ethernet), Link(2, "b", Ethernet),
                Link(5, "tun0", LinkFlags.PointToPoint)];
        Assert.Equal(used, Chosen());
        Assert.Equal(!links.Any(link => link.Names.Intersect(preferred.Split(',')).Any()), selection.PrefersWhatIsMissing(links));

        selection.Widen();

        Assert.Equal(widened, Chosen(sorted: true));
        Assert.Equal(
            broughtUp,
            string.Join(' ', selection.Choose(links).Where(selection.BringsUp).Select(link => link.Name).Order(StringComparer.Ordinal)));
        Assert.False(selection.PrefersWhatIsMissing(links));

        string Chosen(bool sorted = false)
        {
            var names = selection.Choose(links).Select(link => link.Name);
            return string.Join(' ', sorted ? names.Order(StringComparer.Ordinal) : names);
        }
    }

    [Fact]
    public void An_interface_can_be_selected_by_an_alternative_name()
    {
        var selection = InterfaceSelection.Parse(["enp9s0,eth1"], connecting: false);
        LinkState[] links =
            [Link(2, "eth1", Ethernet), Link(3, "eth0", Ethernet) with { AlternativeNames = ["enx01", "enp9s0"] },
                Link(4, "eth2", Ethernet)];

        Assert.Equal(["eth0", "eth1"], selection.Choose(links).Select(link => link.Name));
        Assert.True(selection.BringsUp(links[1]));
        Assert.Empty(selection.Missing(links));
        Assert.Equal("enp9s0,eth1", selection.DeviceVariable(links));
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("eth0", "eth0", "")]
    [InlineData("eth9", "", "eth9")]
    [InlineData("eth9,eth0,none,eth8,lo", "eth0,none,lo", "eth9 eth8")]
    public void Hooks_get_the_interface_list_without_interfaces_that_do_not_exist(string list, string device, string missing)
    {
        var selection = InterfaceSelection.Parse([list], connecting: false);
        LinkState[] links = [Link(1, "lo", LinkFlags.Loopback), Link(2, "eth0", Ethernet)];

        Assert.Equal(device, selection.DeviceVariable(links));
        Assert.Equal(missing, string.Join(' ', selection.Missing(links)));
    }

    internal static LinkState Link(int index, string name, LinkFlags flags, params LinkAddress[] addresses) =>
        new(index, name, flags, [.. addresses]);
}
