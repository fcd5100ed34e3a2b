using System.Net;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Derives from link changes which chosen interfaces become usable or stop being usable. Each process that needs this has an instance of
/// its own, with data from a <see cref="LinkMonitor"/>.
/// </summary>
internal sealed class UsableInterfaces(InterfaceSelection selection)
{
    private readonly Dictionary<int, LinkState> _usable = [];

    /// <summary>The indices of the chosen interfaces that are currently usable.</summary>
    public IReadOnlyCollection<int> Indices => _usable.Keys;

    /// <summary>Processes a link change; null if usability does not change.</summary>
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
