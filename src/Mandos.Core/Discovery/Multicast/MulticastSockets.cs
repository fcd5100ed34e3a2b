using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Netlink;
using Mandos.Core.Linux.Sockets;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>
/// Transports packets over sockets: for each address family one bound to port 5353, shared with other responders on this machine, and one
/// for one-shot queries. A family that the kernel does not support is left out.
/// </summary>
internal sealed class MulticastSockets : IMulticastTransport
{
    private readonly List<MulticastSocket> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _pumps = [];
    private readonly Action<string>? _debug;
    private string? _refusalOfIPv6, _refusalOfIPv4;
    private volatile List<LocalAddress> _addresses = [];

    internal MulticastSockets(bool oneShot, Action<string>? debug)
    {
        _debug = debug;
        foreach (var family in (AddressFamily[])[AddressFamily.InterNetworkV6, AddressFamily.InterNetwork])
        {
            Open(family, MulticastLink.Port);
            if (oneShot)
                Open(family, 0);
        }
    }

    public void Start(IMulticastReceiver receiver)
    {
        foreach (var socket in _sockets)
            _pumps.Add(PumpAsync(socket, receiver));
    }

    public string? RefusalOf(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? _refusalOfIPv6 : _refusalOfIPv4;

    public Errno Join(MulticastLink link)
    {
        _addresses = LocalAddress.ReadAll();
        return Find(link, oneShot: false)?.Join(link) ?? default;
    }

    public void Leave(MulticastLink link) => Find(link, oneShot: false)?.Leave(link);

    public Errno Send(MulticastLink link, ReadOnlySpan<byte> message) =>
        SendFrom(Find(link, oneShot: false), link, link.Group, MulticastLink.Port, message);

    public Errno SendOneShot(MulticastLink link, ReadOnlySpan<byte> message) =>
        SendFrom(Find(link, oneShot: true), link, link.Group, MulticastLink.Port, message);

    public Errno SendTo(MulticastLink link, IPAddress destination, ushort port, ReadOnlySpan<byte> message) =>
        SendFrom(Find(link, oneShot: false), link, destination, port, message);

    public IReadOnlyList<IPAddress> AddressesOf(MulticastLink link) =>
        _addresses.FindAll(a => IsOn(link, a)).ConvertAll(a => a.Address);

    public bool IsOwn(IPAddress address) => _addresses.Exists(a => a.Address.Equals(address));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var socket in _sockets)
            socket.Dispose();
        await Task.WhenAll(_pumps).ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Open(AddressFamily family, ushort port)
    {
        try
        {
            _sockets.Add(new MulticastSocket(family, port));
        }
        catch (SocketException e)
        {
            if (port == MulticastLink.Port && family == AddressFamily.InterNetworkV6)
                _refusalOfIPv6 = SystemFailure.Reason(e);
            else if (port == MulticastLink.Port)
                _refusalOfIPv4 = SystemFailure.Reason(e);
            _debug?.Invoke($"no multicast DNS over {family} on port {port}: {SystemFailure.Reason(e)}");
        }
    }

    private MulticastSocket? Find(MulticastLink link, bool oneShot) =>
        _sockets.Find(s => s.IsIPv6 == link.IsIPv6 && s.OneShot == oneShot);

    /// <summary>
    /// Sends a packet. A missing socket is treated like an interface without an address of that family, where retries are harmless. Without
    /// an IPv4 address the kernel would send from 0.0.0.0, which no host can answer.
    /// </summary>
    private Errno SendFrom(MulticastSocket? socket, MulticastLink link, IPAddress destination, ushort port, ReadOnlySpan<byte> message)
    {
        var known = _addresses;
        return socket is null || (known.Count > 0 && !known.Exists(a => IsOn(link, a)))
            ? new Errno(MulticastSocket.EADDRNOTAVAIL)
            : socket.Send(link, destination, port, message);
    }

    private static bool IsOn(MulticastLink link, LocalAddress address) =>
        address.InterfaceIndex == link.InterfaceIndex && link.Carries(address.Address);

    private async Task PumpAsync(MulticastSocket socket, IMulticastReceiver receiver)
    {
        var buffer = new byte[DnsMessage.MaxLength + 1];
        while (!_stop.IsCancellationRequested)
        {
            if (!await socket.WaitAsync(_stop.Token).ConfigureAwait(false))
                continue;
            while (!_stop.IsCancellationRequested && socket.TryReceive(buffer, out var received))
            {
                receiver.Receive(new MulticastPacket
                {
                    Message = buffer.AsSpan(0, received.Length),
                    Link = new(received.InterfaceIndex, socket.IsIPv6),
                    Source = received.Source,
                    SourcePort = received.SourcePort,
                    HopLimit = received.HopLimit,
                    ToGroup = received.Destination is { } d && (d.Equals(MulticastLink.Group4) || d.Equals(MulticastLink.Group6)),
                    FromNeighbour = IsNeighbour(received),
                    FromLink = IsOnLink(received),
                    OneShot = socket.OneShot,
                });
            }
        }
    }

    /// <summary>
    /// Whether the sender is on the link. Routers do not forward packets from or to link-local addresses, so one on either side proves it:
    /// avahi-daemon, if it has a global address, sends from it even to hosts that only know the link. A process that cannot list its
    /// addresses relies only on the hop limit, which is no longer 255 after a router.
    /// </summary>
    private bool IsNeighbour(in Datagrams.Received received) =>
        received.Destination?.IsIPv6LinkLocal == true || _addresses.Count == 0 || IsOnLink(received);

    private bool IsOnLink(in Datagrams.Received received)
    {
        var (source, index) = (received.Source, received.InterfaceIndex);
        return source.IsIPv6LinkLocal || _addresses.Exists(a => a.InterfaceIndex == index && a.HasNeighbour(source));
    }
}
