using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Sockets;

/// <summary>
/// Sends and receives datagrams with information that .NET's sockets do not support: the hop limit of a received packet, its destination,
/// and the interface to send on (sendmsg(2), recvmsg(2), ip(7), ipv6(7)).
/// </summary>
internal static unsafe partial class Datagrams
{
    private const int AF_INET = 2, AF_INET6 = 10;
    private const int IPPROTO_IP = 0, IPPROTO_IPV6 = 41;
    private const int IP_TTL = 2, IP_PKTINFO = 8;
    private const int IPV6_PKTINFO = 50, IPV6_HOPLIMIT = 52;
    private const int MSG_DONTWAIT = 0x40, MSG_TRUNC = 0x20, MSG_NOSIGNAL = 0x4000;
    private const int ControlLength = 256;

    /// <summary>The information about a received datagram.</summary>
    internal readonly record struct Received(
        int Length, bool Truncated, IPAddress Source, ushort SourcePort, IPAddress? Destination, int InterfaceIndex, int HopLimit);

    /// <summary>sockaddr_in6; the first eight bytes are also those of sockaddr_in, which continues with eight unused ones.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SocketAddress
    {
        public ushort Family;
        public ushort PortBigEndian;
        public uint AddressOrFlow;
        public fixed byte Address6[16];
        public uint Scope;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public SocketAddress* Name;
        public uint NameLength;
        public Buffer* Buffers;
        public nuint BufferCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>cmsghdr; the data follows directly, and the next header begins at a multiple of eight bytes (64-bit systems).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    /// <summary>Sends without blocking. The kernel chooses the source address among those of the interface.</summary>
    internal static Errno Send(SafeSocketHandle socket, ReadOnlySpan<byte> message, IPAddress destination, ushort port, int interfaceIndex)
    {
        var six = destination.AddressFamily == AddressFamily.InterNetworkV6;
        var name = new SocketAddress
        {
            Family = (ushort)(six ? AF_INET6 : AF_INET),
            PortBigEndian = BinaryPrimitives.ReverseEndianness(port),
        };
        _ = destination.TryWriteBytes(six ? new Span<byte>(name.Address6, 16) : new Span<byte>(&name.AddressOrFlow, 4), out _);

        // in6_pktinfo is address 16, index 4; in_pktinfo is index 4, source 4, destination 4.
        var control = stackalloc byte[ControlLength];
        new Span<byte>(control, ControlLength).Clear();
        var data = control + sizeof(ControlHeader);
        *(int*)(data + (six ? 16 : 0)) = interfaceIndex;
        var dataLength = six ? 20 : 12;
        *(ControlHeader*)control = new ControlHeader
        {
            Length = (nuint)(sizeof(ControlHeader) + dataLength),
            Level = six ? IPPROTO_IPV6 : IPPROTO_IP,
            Type = six ? IPV6_PKTINFO : IP_PKTINFO,
        };
        fixed (byte* bytes = message)
        {
            var buffer = new Buffer { Base = bytes, Length = (nuint)message.Length };
            var header = new MessageHeader
            {
                Name = &name,
                NameLength = six ? 28u : 16u,
                Buffers = &buffer,
                BufferCount = 1,
                Control = control,
                ControlLength = (nuint)(sizeof(ControlHeader) + Align(dataLength)),
            };
            return SendMsg(socket, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? Errno.Last : Errno.None;
        }
    }

    /// <summary>
    /// Receives one datagram without blocking; EAGAIN if there is none. The socket must have the options that <see cref="RequestDetails"/>
    /// sets.
    /// </summary>
    internal static Errno Receive(SafeSocketHandle socket, Span<byte> bytes, out Received received)
    {
        received = default;
        SocketAddress name = default;
        var control = stackalloc byte[ControlLength];
        fixed (byte* target = bytes)
        {
            var buffer = new Buffer { Base = target, Length = (nuint)bytes.Length };
            var header = new MessageHeader
            {
                Name = &name,
                NameLength = (uint)sizeof(SocketAddress),
                Buffers = &buffer,
                BufferCount = 1,
                Control = control,
                ControlLength = ControlLength,
            };
            var length = RecvMsg(socket, &header, MSG_DONTWAIT);
            if (length < 0)
                return Errno.Last;

            var six = name.Family == AF_INET6;
            received = new Received
            {
                Length = (int)length,
                Truncated = (header.Flags & MSG_TRUNC) != 0,
                Source = six ? ToAddress6(name.Address6, name.Scope) : new IPAddress(name.AddressOrFlow),
                SourcePort = BinaryPrimitives.ReverseEndianness(name.PortBigEndian),
                HopLimit = -1,
            };
            ReadDetails(control, (int)header.ControlLength, ref received);
            return Errno.None;
        }
    }

    /// <summary>Makes the kernel report destination, interface and hop limit of received datagrams.</summary>
    internal static void RequestDetails(Socket socket)
    {
        const int IPV6_RECVPKTINFO = 49, IPV6_RECVHOPLIMIT = 51, IP_RECVTTL = 12;
        ReadOnlySpan<byte> on = [1, 0, 0, 0];
        var six = socket.AddressFamily == AddressFamily.InterNetworkV6;
        socket.SetRawSocketOption(six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVPKTINFO : IP_PKTINFO, on);
        socket.SetRawSocketOption(six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVHOPLIMIT : IP_RECVTTL, on);
    }

    private static void ReadDetails(byte* control, int length, ref Received received)
    {
        for (var at = 0; at + sizeof(ControlHeader) <= length;)
        {
            var header = (ControlHeader*)(control + at);
            var data = control + at + sizeof(ControlHeader);
            if (header->Length < (nuint)sizeof(ControlHeader) || header->Length > (nuint)(length - at))
                return;
            received = (header->Level, header->Type) switch
            {
                (IPPROTO_IPV6, IPV6_PKTINFO) => received with { Destination = ToAddress6(data, 0), InterfaceIndex = *(int*)(data + 16) },
                (IPPROTO_IP, IP_PKTINFO) => received with { Destination = new IPAddress(*(uint*)(data + 8)), InterfaceIndex = *(int*)data },
                (IPPROTO_IPV6, IPV6_HOPLIMIT) or (IPPROTO_IP, IP_TTL) => received with { HopLimit = *(int*)data },
                _ => received,
            };
            at += Align((int)header->Length);
        }
    }

    private static IPAddress ToAddress6(byte* address, uint scope) => new(new ReadOnlySpan<byte>(address, 16), scope);

    private static int Align(int length) => (length + 7) & ~7;

    [LibraryImport(LibC.Name, EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMsg(SafeSocketHandle socket, MessageHeader* message, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint RecvMsg(SafeSocketHandle socket, MessageHeader* message, int flags);
}
