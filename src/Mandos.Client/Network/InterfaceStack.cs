using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Interfaces that are built on others: a VLAN on its device, a bond or a bridge on its ports. The upper interface cannot work while the
/// lower ones are down.
/// </summary>
internal static class InterfaceStack
{
    /// <summary>Returns the interfaces below this one, the lowest first, and then itself. Terminates on cycles.</summary>
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
