using Mandos.Client.Network;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Tests.Network;

public sealed class InterfaceStackTests
{
    private static readonly LinkState[] Links =
    [
        Link(1, "bond0.7", lower: 2), Link(2, "bond0"), Link(3, "eth0", master: 2), Link(4, "eth1", master: 2), Link(5, "eth2"),
        Link(6, "br0"), Link(7, "tap0", master: 6), Link(8, "loop-a", lower: 9), Link(9, "loop-b", lower: 8),
    ];

    [Theory]
    [InlineData("bond0.7", "eth0 eth1 bond0 bond0.7")]
    [InlineData("bond0", "eth0 eth1 bond0")]
    [InlineData("br0", "tap0 br0")]
    [InlineData("eth0", "eth0")]
    [InlineData("eth2", "eth2")]
    [InlineData("loop-a", "loop-b loop-a")]
    public void Lower_interfaces_come_first(string name, string stack) =>
        Assert.Equal(stack, string.Join(' ', InterfaceStack.Of(Links.Single(link => link.Name == name), Links).Select(link => link.Name)));

    private static LinkState Link(int index, string name, int lower = 0, int master = 0) =>
        new(index, name, LinkFlags.Broadcast, []) { Lower = lower, Master = master };
}
