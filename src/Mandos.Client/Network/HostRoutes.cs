using System.Net;
using System.Net.Sockets;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Temporary routes to single hosts on a link. They are needed if a server announces only its global address and this machine has only a
/// link-local one: connect(2) then fails with ENETUNREACH or EHOSTUNREACH although the server is on the same link. The caller that adds a
/// route removes it after the attempt; only routes added here are ever removed.
/// </summary>
internal sealed class HostRoutes(NetlinkControl netlink, Action<string> warn)
{
    // The process that requests routes reads the network, so its requests are limited.
    private const int MaximumCount = 64;
    private readonly Dictionary<(IPAddress Host, int InterfaceIndex), int> _users = [];
    private readonly Lock _lock = new();

    /// <summary>Whether a route may help after this error.</summary>
    public static bool MayHelp(SocketError error) => error is SocketError.NetworkUnreachable or SocketError.HostUnreachable;

    /// <summary>Whether a route to this address may be missing: it is unicast, and neither link-local nor of this machine.</summary>
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
    /// Adds a route. True if it was added (then <see cref="Remove"/> must follow); false if it exists already or cannot be added, which
    /// causes a warning.
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

    /// <summary>Deletes all routes that were added; a second call has no effect.</summary>
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
        // A failure is ignored: the route may have gone with its interface.
        _ = netlink.DeleteHostRoute(host, interfaceIndex);
    }
}
