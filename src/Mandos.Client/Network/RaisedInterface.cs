using System.Net;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// An interface that was brought up here. It is taken down at the end unless something else uses it by then: it was taken down meanwhile
/// (and brought up again by something else), joined a bond or bridge, or got an address that it did not have before and that the kernel
/// does not create by itself.
/// </summary>
/// <param name="before">Its state before it was brought up.</param>
internal sealed class RaisedInterface(LinkState before)
{
    private readonly HashSet<IPAddress> _hadBefore = Configured(before);
    private readonly int _master = before.Master;
    private LinkState _now = before;
    private bool _seenUp;
    private bool _wentDown;

    /// <summary>Whether something else uses the interface now.</summary>
    public bool IsTakenOver => _wentDown || (_now.Master != 0 && _now.Master != _master) || !_hadBefore.IsSupersetOf(Configured(_now));

    /// <summary>Records the current state of the interface.</summary>
    public void Follow(LinkState link)
    {
        // Changes from before it was up may still arrive.
        _wentDown |= _seenUp && !link.IsUp;
        _seenUp |= link.IsUp;
        _now = link;
    }

    /// <summary>Returns the addresses that the kernel does not create by itself.</summary>
    public static HashSet<IPAddress> Configured(LinkState link) =>
        link.AddressesWhere(static address => !address.IsLinkLocal && !address.FromRouter && !IPAddress.IsLoopback(address.Address));
}
