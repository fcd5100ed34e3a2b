using Mandos.Core.Linux;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Brings interfaces up and takes down again those, and only those, that were down before and that nothing else uses by
/// then. Nothing here is fatal: what cannot be done is a warning. One caller at a time.
/// </summary>
internal sealed class InterfaceControl(NetlinkControl netlink, DuplicateDetection detection, NetworkOptions options)
{
    private readonly Dictionary<int, RaisedInterface> _raised = [];
    private readonly List<int> _order = [];
    private readonly Dictionary<int, BringUpFailure> _failed = [];

    /// <summary>How long until one that could not be brought up is worth another attempt; infinite if there is none.</summary>
    public TimeSpan Rest
    {
        get
        {
            var rest = Timeout.InfiniteTimeSpan;
            foreach (var failure in _failed.Values)
                rest = Wait.Shorter(rest, failure.Rest);
            return rest;
        }
    }

    /// <summary>
    /// Brings it up if it is down, once: an interface that something else takes down afterwards (to rename it, say) is left
    /// alone. Returns when the driver has done it; carrier and addresses come later. What fails is tried again.
    /// </summary>
    public void BringUp(LinkState link)
    {
        if (link.IsUp)
            _failed.Remove(link.Index);
        if (link.IsUp
            || _raised.ContainsKey(link.Index)
            || (_failed.TryGetValue(link.Index, out var failure) && failure.Rest != TimeSpan.Zero))
            return;
        detection.Hasten(link);
        Errno error;
        using (KernelLogLevel.Lower())
            error = netlink.SetUp(link.Index, up: true);
        if (error.Ok)
        {
            _failed.Remove(link.Index);
            _raised.Add(link.Index, new RaisedInterface(link));
            _order.Add(link.Index);
            return;
        }

        detection.Restore(link);
        if (failure is null)
            _failed.Add(link.Index, failure = new BringUpFailure(options.Time));
        if (failure.Failed(error))
            options.Warn($"cannot bring up interface \"{link.Name}\": {error}");
        else
            options.Debug?.Invoke($"cannot bring up interface \"{link.Name}\" yet: {error}");
    }

    /// <summary>Call it for every change; an index may come again for another interface.</summary>
    public void Follow(LinkChange change)
    {
        foreach (var failure in _failed.Values)
            failure.Hurry();
        if (change.State is { } link)
        {
            if (_raised.TryGetValue(link.Index, out var raised))
                raised.Follow(link);
            return;
        }

        _failed.Remove(change.Index);
        _raised.Remove(change.Index);
        _order.Remove(change.Index);
        detection.Forget(change.Index);
    }

    /// <summary>Undoes everything; a second call finds nothing to do.</summary>
    /// <param name="links">The interfaces as they are now.</param>
    public void TakeDown(IReadOnlyCollection<LinkState> links)
    {
        foreach (var link in links)
        {
            if (_raised.TryGetValue(link.Index, out var raised))
                raised.Follow(link);
        }

        var kept = links.Where(IsUsedByOthers).SelectMany(link => InterfaceStack.Of(link, links)).Select(link => link.Index).ToHashSet();
        // What was brought up last lies on top.
        foreach (var index in Enumerable.Reverse(_order).ToArray())
        {
            if (links.FirstOrDefault(link => link.Index == index) is not { } link)
                continue;
            if (kept.Contains(index))
                options.Debug?.Invoke($"interface \"{link.Name}\" stays up: another process uses it");
            else
                TakeDown(link);
            detection.Restore(link);
        }

        _raised.Clear();
        _order.Clear();
    }

    private void TakeDown(LinkState link)
    {
        if (!link.IsUp)
            return;
        var error = netlink.SetUp(link.Index, up: false);
        if (!error.Ok && error.Code != Errno.NoSuchDevice)
            options.Warn($"cannot take down interface \"{link.Name}\": {error}");
    }

    private bool IsUsedByOthers(LinkState link) =>
        link.IsUp && (_raised.TryGetValue(link.Index, out var raised) ? raised.IsTakenOver : RaisedInterface.Configured(link).Count > 0);
}
