using System.Net;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Derives from the changes of links which chosen interfaces become usable and cease to be. Each process that needs to know
/// feeds its own from a <see cref="LinkMonitor"/>.
/// </summary>
internal sealed class UsableInterfaces(InterfaceSelection selection)
{
    private readonly Dictionary<int, LinkState> _usable = [];

    /// <summary>The indices of the chosen interfaces that can be used now.</summary>
    public IReadOnlyCollection<int> Indices => _usable.Keys;

    /// <summary>What the change means; null if it means nothing here.</summary>
    public InterfaceChange? Apply(LinkChange change)
    {
        var before = _usable.GetValueOrDefault(change.Index);
        if (change.State is not { IsUsable: true } link || !selection.Includes(link))
            return _usable.Remove(change.Index) ? new InterfaceChange(change.Index, before!.Name, Usable: false) : null;
        _usable[change.Index] = link;
        return before is null || !UsableAddresses(before).IsSupersetOf(UsableAddresses(link))
            ? new InterfaceChange(link.Index, link.Name, Usable: true)
            : null;
    }

    private static HashSet<IPAddress> UsableAddresses(LinkState link) => link.AddressesWhere(static address => address.IsUsable);
}
