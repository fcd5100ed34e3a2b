using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Makes the link-local address of an interface usable as soon as it is up, without the one to two seconds of duplicate address detection.
/// The detection continues in the background:
/// <list type="bullet">
/// <item><c>optimistic_dad</c> and <c>use_optimistic</c> (RFC 4429): packets may be sent from the address meanwhile, without claiming it in
/// the caches of neighbours. If another machine answers the probe, the kernel removes the address.</item>
/// <item><c>retrans_time_ms</c> 250 instead of 1000: how long to wait for an answer to the probe, and before a neighbour is asked again. It
/// matters because an optimistic address cannot ask for the neighbour's hardware address itself.</item>
/// </list>
/// Setting <c>dad_transmits</c> or <c>accept_dad</c> to 0 would be as fast, but two machines with one address would then never notice.
/// Settings that the kernel lacks, or that /proc does not show, are skipped; the wait is then longer.
/// </summary>
/// <param name="root">/proc/sys/net/ipv6, or a directory that looks like it.</param>
internal sealed class DuplicateDetection(string root = "/proc/sys/net/ipv6")
{
    private readonly Dictionary<int, List<Saved>> _saved = [];

    private readonly record struct Saved(string Kind, string Name, string Before, string Written);

    /// <summary>
    /// Changes the settings; called while the interface is still down. Does nothing for an interface whose old values are already saved.
    /// </summary>
    public void Hasten(LinkState link)
    {
        if (!_saved.TryAdd(link.Index, []))
            return;
        Set(link, "conf", "optimistic_dad", "1");
        Set(link, "conf", "use_optimistic", "1");
        Set(link, "neigh", "retrans_time_ms", "250");
    }

    /// <summary>Restores the old values, unless another process has changed them.</summary>
    /// <param name="link">The interface under its current name.</param>
    public void Restore(LinkState link)
    {
        if (!_saved.Remove(link.Index, out var settings))
            return;
        foreach (var setting in settings)
        {
            var path = PathOf(link, setting.Kind, setting.Name);
            if (KernelSetting.Read(path) == setting.Written)
                _ = KernelSetting.TryWrite(path, setting.Before);
        }
    }

    /// <summary>Drops the saved values of an interface that has disappeared with its settings.</summary>
    public void Forget(int interfaceIndex) => _saved.Remove(interfaceIndex);

    private void Set(LinkState link, string kind, string name, string value)
    {
        var path = PathOf(link, kind, name);
        // Read back because the kernel rounds times to its clock: 250 may become 252.
        if (KernelSetting.Read(path) is { } before && KernelSetting.TryWrite(path, value)
            && KernelSetting.Read(path) is { } written && written != before)
            _saved[link.Index].Add(new Saved(kind, name, before, written));
    }

    private string PathOf(LinkState link, string kind, string name) => Path.Combine(root, kind, link.Name, name);
}
