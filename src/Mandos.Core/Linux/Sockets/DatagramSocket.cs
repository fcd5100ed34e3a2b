using System.Runtime.InteropServices;
using System.Text;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Linux.Sockets;

/// <summary>The outcome of sending a datagram.</summary>
public enum DatagramResult
{
    /// <summary>The datagram was delivered.</summary>
    Sent,

    /// <summary>Not possible now; a later attempt may succeed.</summary>
    NotNow,

    /// <summary>Sending to this receiver will never succeed.</summary>
    Never,
}

/// <summary>Sends datagrams to a socket in the file system (unix(7), SOCK_DGRAM), directly from the caller's memory.</summary>
public static unsafe partial class DatagramSocket
{
    /// <summary>The longest path in bytes that fits into an address, which ends with a zero byte.</summary>
    public const int LongestPath = 107;

    private const int AF_UNIX = 1;
    private const int SOCK_DGRAM = 2, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
    private const int MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000;
    private const int ENOENT =
        2, EINTR = 4, EAGAIN = 11, ENOMEM = 12, ENAMETOOLONG = 36, EPROTOTYPE = 91, EADDRINUSE = 98, ECONNRESET = 104, ENOBUFS = 105,
        ETOOMANYREFS = 109, ECONNREFUSED = 111;

    [StructLayout(LayoutKind.Sequential)]
    private struct Address
    {
        public ushort Family;
        public fixed byte Path[LongestPath + 1];
    }

    /// <summary>Sends a datagram without blocking; <paramref name="error"/> is the reason if that fails.</summary>
    public static DatagramResult Send(string path, ReadOnlySpan<byte> datagram, out Errno error)
    {
        if (!TryAddress(path, out var address))
        {
            error = new Errno(ENAMETOOLONG);
            return DatagramResult.Never;
        }

        using var socket = new Descriptor(SocketCall(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        error = Errno.From(socket.Number);
        if (error.Ok)
            error = Errno.From(Connect(socket.Number, &address, sizeof(Address)));
        // Other errors may be temporary: the receiver may be about to listen.
        if (!error.Ok)
            return error.Code == EPROTOTYPE ? DatagramResult.Never : DatagramResult.NotNow;
        fixed (byte* bytes = datagram)
        {
            // A datagram is sent completely or not at all.
            if (SendCall(socket.Number, bytes, (nuint)datagram.Length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
                return DatagramResult.Sent;
        }

        error = Errno.Last;
        return error.Code is ENOENT or EINTR or EAGAIN or ENOMEM or EADDRINUSE or ECONNRESET or ENOBUFS or ETOOMANYREFS or ECONNREFUSED
            ? DatagramResult.NotNow
            : DatagramResult.Never;
    }

    /// <summary>Creates a socket that receives at this path, which must not exist.</summary>
    public static Errno Bind(string path, out Descriptor socket)
    {
        socket = new Descriptor(SocketCall(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (socket.Number < 0)
            return Errno.Last;
        return TryAddress(path, out var address) ? Errno.From(BindCall(socket.Number, &address, sizeof(Address))) : new Errno(ENAMETOOLONG);
    }

    private static bool TryAddress(string path, out Address address)
    {
        address = new Address { Family = AF_UNIX };
        if (path.Length is 0 or > LongestPath || Encoding.UTF8.GetByteCount(path) > LongestPath)
            return false;
        fixed (byte* target = address.Path)
            _ = Encoding.UTF8.GetBytes(path, new Span<byte>(target, LongestPath));
        return true;
    }

    [LibraryImport(LibC.Name, EntryPoint = "socket", SetLastError = true)]
    private static partial int SocketCall(int domain, int type, int protocol);

    [LibraryImport(LibC.Name, EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(int socket, Address* address, int length);

    [LibraryImport(LibC.Name, EntryPoint = "bind", SetLastError = true)]
    private static partial int BindCall(int socket, Address* address, int length);

    [LibraryImport(LibC.Name, EntryPoint = "send", SetLastError = true)]
    private static partial nint SendCall(int socket, byte* bytes, nuint length, int flags);
}
