using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Netlink;

/// <summary>The system calls for a NETLINK_ROUTE socket. The socket belongs to the network namespace of the thread that opens it.</summary>
internal static unsafe partial class NetlinkSocket
{
    internal const ushort NLM_F_REQUEST = 1, NLM_F_ACK = 4, NLM_F_DUMP_INTR = 0x10, NLM_F_DUMP = 0x300;
    internal const ushort NLMSG_ERROR = 2, NLMSG_DONE = 3;

    private const int AF_NETLINK = 16, NETLINK_ROUTE = 0;
    private const int SOCK_RAW = 3, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;

    [StructLayout(LayoutKind.Sequential)]
    private struct NetlinkAddress
    {
        public ushort Family;
        public ushort Padding;
        public uint Port;
        public uint Groups;
    }

    /// <summary>Opens a socket and binds it to multicast groups (a mask of RTMGRP_…; 0 for none).</summary>
    internal static Errno Open(bool nonBlocking, uint groups, out int descriptor)
    {
        descriptor = Socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | (nonBlocking ? SOCK_NONBLOCK : 0), NETLINK_ROUTE);
        if (descriptor < 0)
            return Errno.Last;
        var address = new NetlinkAddress { Family = AF_NETLINK, Groups = groups };
        if (Bind(descriptor, &address, (uint)sizeof(NetlinkAddress)) == 0)
            return Errno.None;
        var error = Errno.Last;
        _ = LibC.Close(descriptor);
        descriptor = -1;
        return error;
    }

    internal static Errno Send(int descriptor, ReadOnlySpan<byte> message)
    {
        fixed (byte* bytes = message)
        {
            nint sent;
            do
                sent = SendCall(descriptor, bytes, (nuint)message.Length, 0);
            while (sent < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR);
            return sent < 0 ? Errno.Last : Errno.None;
        }
    }

    /// <summary>Receives one datagram, which is truncated if it is longer than the buffer.</summary>
    internal static Errno Receive(int descriptor, Span<byte> buffer, out int length)
    {
        fixed (byte* bytes = buffer)
        {
            nint received;
            do
                received = ReceiveCall(descriptor, bytes, (nuint)buffer.Length, 0);
            while (received < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR);
            length = (int)Math.Max(received, 0);
            return received < 0 ? Errno.Last : Errno.None;
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport(LibC.Name, EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, NetlinkAddress* address, uint length);

    [LibraryImport(LibC.Name, EntryPoint = "send", SetLastError = true)]
    private static partial nint SendCall(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "recv", SetLastError = true)]
    private static partial nint ReceiveCall(int descriptor, byte* buffer, nuint length, int flags);
}
