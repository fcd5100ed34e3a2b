using Mandos.Core.Linux;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Brings interfaces up, and afterwards takes down only those that were down before and that nothing else uses by then. Errors are only
/// warnings. Not thread-safe.
/// </summary>
internal sealed class InterfaceControl(NetlinkControl netlink, DuplicateDetection detection, NetworkOptions options)
{
    private readonly Dictionary<int, RaisedInterface> _raised = [];
    private readonly List<int> _order = [];
    private readonly Dictionary<int, BringUpFailure> _failed = [];

    /// <summary>The time until the next attempt for an interface that could not be brought up; infinite if there is none.</summary>
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
    /// Brings an interface up if it is down, but only once: one that something else takes down afterwards (to rename it, for example) is
    /// left alone. Returns when the driver is done; carrier and addresses come later. A failed attempt is repeated.
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

    /// <summary>Called for every change; an index may be reused for another interface.</summary>
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

    /// <summary>Undoes everything; a second call has no effect.</summary>
    /// <param name="links">The current interfaces.</param>
    public void TakeDown(IReadOnlyCollection<LinkState> links)
    {
        foreach (var link in links)
        {
            if (_raised.TryGetValue(link.Index, out var raised))
                raised.Follow(link);
        }

        var kept = links.Where(IsUsedByOthers).SelectMany(link => InterfaceStack.Of(link, links)).Select(link => link.Index).ToHashSet();
        // The interface that was brought up last may depend on the others.
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
