using System.Net;
using System.Net.Sockets;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Temporary routes to single hosts that are directly on a link. They are for this case: a server announces only its
/// global address, and this machine has none but the link-local one, so the address is "unreachable" although it is next
/// door (spelled ENETUNREACH or EHOSTUNREACH by connect(2)). The caller that adds a route removes it after the attempt; only
/// routes added here are ever removed.
/// </summary>
internal sealed class HostRoutes(NetlinkControl netlink, Action<string> warn)
{
    // The one who asks reads the network; what it can ask for is limited.
    private const int MaximumCount = 64;
    private readonly Dictionary<(IPAddress Host, int InterfaceIndex), int> _users = [];
    private readonly Lock _lock = new();

    /// <summary>True for the errors of an attempt after which a route may help.</summary>
    public static bool MayHelp(SocketError error) => error is SocketError.NetworkUnreachable or SocketError.HostUnreachable;

    /// <summary>True for addresses to which a route may be missing: unicast, and of wider scope than the link or this machine.</summary>
    public static bool MayHelp(IPAddress host)
    {
        if (IPAddress.IsLoopback(host) || host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any))
            return false;
        if (host.AddressFamily == AddressFamily.InterNetworkV6)
            return !host.IsIPv6LinkLocal && !host.IsIPv6Multicast && !host.IsIPv4MappedToIPv6;
        var bytes = host.GetAddressBytes();
        return (bytes[0], bytes[1]) is not ((169, 254) or ( >= 224, _) or (0, _));
    }

    /// <summary>
    /// Adds the route. True if it was added (then <see cref="Remove"/> must follow), false if there is one already, or if
    /// it cannot be added, which is a warning.
    /// </summary>
    public bool Add(IPAddress host, int interfaceIndex)
    {
        if (!MayHelp(host))
            return false;
        lock (_lock)
        {
            var users = _users.GetValueOrDefault((host, interfaceIndex));
            if (users == 0)
            {
                if (_users.Count >= MaximumCount)
                    return false;
                var error = netlink.AddHostRoute(host, interfaceIndex);
                if (!error.Ok)
                {
                    if (error.Code != Errno.AlreadyExists)
                        warn($"cannot add a route to {host}: {error}");
                    return false;
                }
            }
            _users[(host, interfaceIndex)] = users + 1;
            return true;
        }
    }

    /// <summary>Deletes the route when its last user removes it.</summary>
    public void Remove(IPAddress host, int interfaceIndex)
    {
        lock (_lock)
        {
            if (!_users.TryGetValue((host, interfaceIndex), out var users))
                return;
            if (users > 1)
                _users[(host, interfaceIndex)] = users - 1;
            else
                Delete(host, interfaceIndex);
        }
    }

    /// <summary>Deletes all that were added; a second call finds nothing to do.</summary>
    public void RemoveAll()
    {
        lock (_lock)
        {
            foreach (var (host, interfaceIndex) in _users.Keys.ToArray())
                Delete(host, interfaceIndex);
        }
    }

    private void Delete(IPAddress host, int interfaceIndex)
    {
        _users.Remove((host, interfaceIndex));
        // It may have gone with its interface: that is what was wanted.
        _ = netlink.DeleteHostRoute(host, interfaceIndex);
    }
}
