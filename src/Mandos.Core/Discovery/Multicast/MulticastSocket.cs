using System.Net;
using System.Net.Sockets;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Sockets;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>A UDP socket of one address family, for all interfaces.</summary>
internal sealed class MulticastSocket : IDisposable
{
    internal const int EADDRNOTAVAIL = 99;

    private const int EADDRINUSE = 98;
    private const int SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_REUSEPORT = 15;
    private const int IPPROTO_IP =
        0, IP_TTL = 2, IP_MULTICAST_TTL = 33, IP_ADD_MEMBERSHIP = 35, IP_DROP_MEMBERSHIP = 36, IP_MULTICAST_ALL = 49;
    private const int IPPROTO_IPV6 =
        41, IPV6_UNICAST_HOPS = 16, IPV6_MULTICAST_HOPS = 18, IPV6_JOIN_GROUP = 20, IPV6_LEAVE_GROUP = 21, IPV6_V6ONLY = 26,
        IPV6_MULTICAST_ALL = 29;

    private readonly Socket _socket;
    private readonly byte[] _peeked = new byte[1];

    /// <summary>Binds to <paramref name="port"/>: 5353, or 0 for our own port.</summary>
    /// <exception cref="SocketException">The kernel does not support the family, or another program has exclusive use of port
    /// 5353.</exception>
    internal MulticastSocket(AddressFamily family, ushort port)
    {
        IsIPv6 = family == AddressFamily.InterNetworkV6;
        OneShot = port == 0;
        _socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (!OneShot)
            {
                SetOption(SOL_SOCKET, SO_REUSEADDR, 1);
                SetOption(SOL_SOCKET, SO_REUSEPORT, 1);
            }

            if (IsIPv6)
            {
                SetOption(IPPROTO_IPV6, IPV6_V6ONLY, 1);
                SetOption(IPPROTO_IPV6, IPV6_UNICAST_HOPS, MulticastPacket.FullHopLimit);
                SetOption(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, MulticastPacket.FullHopLimit);
            }
            else
            {
                SetOption(IPPROTO_IP, IP_TTL, MulticastPacket.FullHopLimit);
                SetOption(IPPROTO_IP, IP_MULTICAST_TTL, MulticastPacket.FullHopLimit);
            }

            Datagrams.RequestDetails(_socket);
            IgnoreGroupsOfOthers();
            _socket.Bind(new IPEndPoint(IsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port));
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }
    }

    internal bool IsIPv6 { get; }

    /// <summary>Whether the socket has a port of its own.</summary>
    internal bool OneShot { get; }

    public void Dispose() => _socket.Dispose();

    internal Errno Join(MulticastLink link)
    {
        var error = ChangeMembership(link, join: true);
        // The group was joined before.
        return error.Code == EADDRINUSE ? Errno.None : error;
    }

    internal void Leave(MulticastLink link) => _ = ChangeMembership(link, join: false);

    internal Errno Send(MulticastLink link, IPAddress destination, ushort port, ReadOnlySpan<byte> message)
    {
        try
        {
            return Datagrams.Send(_socket.SafeHandle, message, destination, port, link.InterfaceIndex);
        }
        catch (ObjectDisposedException)
        {
            return new Errno(EADDRNOTAVAIL);
        }
    }

    /// <summary>Waits for a packet; false after a socket error, after which the socket is unusable.</summary>
    internal async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _socket.ReceiveAsync(_peeked, SocketFlags.Peek, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    internal bool TryReceive(Span<byte> buffer, out Datagrams.Received received)
    {
        received = default;
        try
        {
            return Datagrams.Receive(_socket.SafeHandle, buffer, out received).Ok;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private Errno ChangeMembership(MulticastLink link, bool join)
    {
        // ipv6_mreq is group 16, index 4; ip_mreqn is group 4, address 4, index 4.
        Span<byte> request = stackalloc byte[IsIPv6 ? 20 : 12];
        request.Clear();
        _ = link.Group.TryWriteBytes(request, out _);
        BitConverter.TryWriteBytes(request[^4..], link.InterfaceIndex);
        try
        {
            if (IsIPv6)
                _socket.SetRawSocketOption(IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, request);
            else
                _socket.SetRawSocketOption(IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, request);
            return Errno.None;
        }
        catch (SocketException e)
        {
            return new Errno(e.NativeErrorCode);
        }
        catch (ObjectDisposedException)
        {
            return new Errno(EADDRNOTAVAIL);
        }
    }

    /// <summary>
    /// Ignores groups that other processes joined, which a socket would receive on any interface otherwise. Older kernels support this only
    /// for IPv4; packets from unused interfaces are dropped anyway.
    /// </summary>
    private void IgnoreGroupsOfOthers()
    {
        try
        {
            SetOption(IsIPv6 ? IPPROTO_IPV6 : IPPROTO_IP, IsIPv6 ? IPV6_MULTICAST_ALL : IP_MULTICAST_ALL, 0);
        }
        catch (SocketException)
        {
        }
    }

    private void SetOption(int level, int name, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BitConverter.TryWriteBytes(bytes, value);
        _socket.SetRawSocketOption(level, name, bytes);
    }
}
