using System.Net;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// An interface that was brought up here. It is to be taken down at the end, unless something else uses it by then: it
/// was taken down meanwhile (what is up later was put up by something else), became part of a bond or bridge, or got an
/// address that neither it had before nor the kernel makes by itself.
/// </summary>
/// <param name="before">Its state before it was brought up.</param>
internal sealed class RaisedInterface(LinkState before)
{
    private readonly HashSet<IPAddress> _hadBefore = Configured(before);
    private readonly int _master = before.Master;
    private LinkState _now = before;
    private bool _seenUp;
    private bool _wentDown;

    /// <summary>True if something else uses it now.</summary>
    public bool IsTakenOver => _wentDown || (_now.Master != 0 && _now.Master != _master) || !_hadBefore.IsSupersetOf(Configured(_now));

    /// <summary>Takes note of its state as it is now.</summary>
    public void Follow(LinkState link)
    {
        // News from before it was up may still be on its way.
        _wentDown |= _seenUp && !link.IsUp;
        _seenUp |= link.IsUp;
        _now = link;
    }

    /// <summary>Addresses that do not come by themselves.</summary>
    public static HashSet<IPAddress> Configured(LinkState link) =>
        link.AddressesWhere(static address => !address.IsLinkLocal && !address.FromRouter && !IPAddress.IsLoopback(address.Address));
}
