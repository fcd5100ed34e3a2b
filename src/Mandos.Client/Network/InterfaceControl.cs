using Mandos.Core.Linux;

namespace Mandos.Client.Network;

/// <summary>
/// Brings interfaces up and takes down again those, and only those, that were down before. Nothing here is fatal: what
/// cannot be done is a warning. One caller at a time.
/// </summary>
internal sealed class InterfaceControl(NetlinkControl netlink, DuplicateDetection detection, Action<string> warn)
{
    private readonly List<int> _broughtUp = [];
    private readonly HashSet<int> _tried = [];

    /// <summary>
    /// Brings it up if it is down, once: an interface that somebody takes down afterwards (to rename it, say) is left alone.
    /// Returns when the driver has done it; carrier and addresses come later.
    /// </summary>
    public void BringUp(LinkState link)
    {
        if (link.IsUp || !_tried.Add(link.Index))
            return;
        detection.Hasten(link);
        Errno error;
        using (KernelLogLevel.Lower())
            error = netlink.SetUp(link.Index, up: true);
        if (error.Ok)
        {
            _broughtUp.Add(link.Index);
            return;
        }
        detection.Restore(link);
        warn($"cannot bring up interface \"{link.Name}\": {error}");
    }

    /// <summary>To be told when an interface is gone: its index may come again for another one.</summary>
    public void Forget(int interfaceIndex)
    {
        _tried.Remove(interfaceIndex);
        _broughtUp.Remove(interfaceIndex);
        detection.Forget(interfaceIndex);
    }

    /// <summary>Undoes everything; a second call finds nothing to do.</summary>
    /// <param name="links">The interfaces as they are now.</param>
    public void TakeDown(IReadOnlyCollection<LinkState> links)
    {
        foreach (var link in links.Where(link => _broughtUp.Remove(link.Index)))
        {
            var error = netlink.SetUp(link.Index, up: false);
            if (!error.Ok && error.Code != Errno.NoSuchDevice)
                warn($"cannot take down interface \"{link.Name}\": {error}");
            detection.Restore(link);
        }
        _broughtUp.Clear();
    }
}
