using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Netlink;

/// <summary>
/// Changes links and routes through rtnetlink. Each call returns when the kernel is done (a driver may take a moment to open its device),
/// with the kernel's own error: EPERM without CAP_NET_ADMIN. Not thread-safe.
/// </summary>
public sealed class NetlinkControl : IDisposable
{
    private const ushort RTM_NEWLINK = 16, RTM_NEWROUTE = 24, RTM_DELROUTE = 25;
    private const ushort NLM_F_EXCL = 0x200, NLM_F_CREATE = 0x400;
    private const ushort RTA_DST = 1, RTA_OIF = 4;

    private readonly int _descriptor;
    private uint _sequence;
    private bool _disposed;

    private NetlinkControl(int descriptor) => _descriptor = descriptor;

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    public static bool TryOpen([NotNullWhen(true)] out NetlinkControl? control, out Errno error)
    {
        error = NetlinkSocket.Open(nonBlocking: false, groups: 0, out var descriptor);
        control = error.Ok ? new NetlinkControl(descriptor) : null;
        return error.Ok;
    }

    /// <summary>Sets or clears IFF_UP.</summary>
    public Errno SetUp(int interfaceIndex, bool up)
    {
        Span<byte> body = stackalloc byte[LinkMessage.Length];
        body.Clear();
        MemoryMarshal.Write(body[4..], interfaceIndex);
        MemoryMarshal.Write(body[8..], up ? (int)LinkFlags.Up : 0);
        MemoryMarshal.Write(body[12..], (int)LinkFlags.Up);
        Span<byte> buffer = stackalloc byte[NetlinkRequest.MaximumLength];
        return Execute(new NetlinkRequest(buffer, RTM_NEWLINK, Flags(0), ++_sequence, body));
    }

    /// <summary>Adds a route to a host that is directly on a link. EEXIST if there is one, which is not changed.</summary>
    public Errno AddHostRoute(IPAddress host, int interfaceIndex) =>
        ChangeHostRoute(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, host, interfaceIndex);

    /// <summary>Deletes a route that <see cref="AddHostRoute"/> added. ESRCH if it does not exist.</summary>
    public Errno DeleteHostRoute(IPAddress host, int interfaceIndex) =>
        ChangeHostRoute(RTM_DELROUTE, 0, host, interfaceIndex);

    /// <inheritdoc />
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _ = LibC.Close(_descriptor);
    }

    /// <summary>
    /// struct rtmsg:
    /// <code>
    ///  0     1     2     3     4     5     6     7     8         12
    ///  +-----+-----+-----+-----+-----+-----+-----+-----+---------+
    ///  | fam | dst | src | tos |table|proto|scope|type | flags   |
    ///  +-----+-----+-----+-----+-----+-----+-----+-----+---------+
    /// </code>
    /// Type unicast, table main, protocol boot, scope link.
    /// </summary>
    private Errno ChangeHostRoute(ushort type, int flags, IPAddress host, int interfaceIndex)
    {
        const byte inet = 2, inet6 = 10, tableMain = 254, protocolBoot = 3, scopeLink = 253, unicast = 1;
        Span<byte> address = stackalloc byte[16];
        _ = host.TryWriteBytes(address, out var length);
        var family = host.AddressFamily == AddressFamily.InterNetworkV6 ? inet6 : inet;
        ReadOnlySpan<byte> body = [family, (byte)(length * 8), 0, 0, tableMain, protocolBoot, scopeLink, unicast, 0, 0, 0, 0];
        Span<byte> buffer = stackalloc byte[NetlinkRequest.MaximumLength];
        var request = new NetlinkRequest(buffer, type, Flags(flags), ++_sequence, body);
        request.Add(RTA_DST, address[..length]);
        request.Add(RTA_OIF, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in interfaceIndex)));
        return Execute(request);
    }

    private static ushort Flags(int more) => (ushort)(NetlinkSocket.NLM_F_REQUEST | NetlinkSocket.NLM_F_ACK | more);

    /// <summary>Sends a request and reads its acknowledgement, which is available as soon as the request has been sent.</summary>
    private Errno Execute(NetlinkRequest request)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var error = NetlinkSocket.Send(_descriptor, request.Finish());
        Span<byte> answer = stackalloc byte[1024];
        while (error.Ok)
        {
            error = NetlinkSocket.Receive(_descriptor, answer, out var length);
            var reader = new NetlinkReader(answer[..length]);
            while (reader.MoveNext())
            {
                if (reader.Type == NetlinkSocket.NLMSG_ERROR && reader.Sequence == _sequence)
                    return reader.Error;
            }
        }
        return error;
    }
}
