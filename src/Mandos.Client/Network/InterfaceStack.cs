using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Interfaces that are made of others: a VLAN of its device, a bond or a bridge of its ports. Nothing comes through the
/// upper one while those below are down.
/// </summary>
internal static class InterfaceStack
{
    /// <summary>What lies below the interface, the lowest first, then the interface. Loops end.</summary>
    public static IReadOnlyList<LinkState> Of(LinkState link, IReadOnlyCollection<LinkState> links)
    {
        List<LinkState> stack = [];
        Add(link, links, stack, []);
        return stack;
    }

    private static void Add(LinkState link, IReadOnlyCollection<LinkState> links, List<LinkState> stack, HashSet<int> seen)
    {
        if (!seen.Add(link.Index))
            return;
        foreach (var below in links.Where(other => other.Index == link.Lower || other.Master == link.Index))
            Add(below, links, stack, seen);
        stack.Add(link);
    }
}
