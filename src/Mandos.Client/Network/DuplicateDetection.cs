using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Makes the link-local address of an interface usable at once when it comes up, instead of after one to two seconds of
/// duplicate address detection. The detection still takes place, in the background:
/// <list type="bullet">
/// <item><c>optimistic_dad</c> and <c>use_optimistic</c> (RFC 4429): packets may be sent from the address meanwhile, without
/// claiming it in the caches of neighbours. If another machine answers the probe the kernel takes the address away.</item>
/// <item><c>retrans_time_ms</c> 250 instead of 1000: how long the answer to the probe is waited for, and until a neighbour is
/// asked again. It matters because an optimistic address cannot ask for the neighbour's hardware address itself.</item>
/// </list>
/// Setting <c>dad_transmits</c> or <c>accept_dad</c> to 0 would be as fast, but two machines with one address would then
/// never notice. What the kernel does not offer, or /proc does not show, is done without: then the wait is longer.
/// </summary>
/// <param name="root">/proc/sys/net/ipv6, or a directory that looks like it.</param>
internal sealed class DuplicateDetection(string root = "/proc/sys/net/ipv6")
{
    private readonly Dictionary<int, List<Saved>> _saved = [];

    private readonly record struct Saved(string Kind, string Name, string Before, string Written);

    /// <summary>To be called while the interface is still down. Once: what was there the first time is what comes back.</summary>
    public void Hasten(LinkState link)
    {
        if (!_saved.TryAdd(link.Index, []))
            return;
        Set(link, "conf", "optimistic_dad", "1");
        Set(link, "conf", "use_optimistic", "1");
        Set(link, "neigh", "retrans_time_ms", "250");
    }

    /// <summary>Restores the old values, unless another process has changed them.</summary>
    /// <param name="link">The interface under the name it has now.</param>
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

    /// <summary>Drops what is known about an interface that is gone; its settings went with it.</summary>
    public void Forget(int interfaceIndex) => _saved.Remove(interfaceIndex);

    private void Set(LinkState link, string kind, string name, string value)
    {
        var path = PathOf(link, kind, name);
        // It is read again because the kernel rounds times to its clock: 250 may become 252.
        if (KernelSetting.Read(path) is { } before && KernelSetting.TryWrite(path, value)
            && KernelSetting.Read(path) is { } written && written != before)
            _saved[link.Index].Add(new Saved(kind, name, before, written));
    }

    private string PathOf(LinkState link, string kind, string name) => Path.Combine(root, kind, link.Name, name);
}
