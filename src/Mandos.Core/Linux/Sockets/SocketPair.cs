using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Sockets;

/// <summary>Two connected stream sockets without a network (socketpair(2)).</summary>
public static unsafe partial class SocketPair
{
    private const int AF_UNIX = 1;
    private const int SOCK_STREAM = 1, SOCK_CLOEXEC = 0x80000;

    /// <exception cref="InvalidOperationException">The system has no descriptors left.</exception>
    public static (Socket One, Socket Other) Make()
    {
        var pair = stackalloc int[2];
        if (SocketPairCall(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
            throw new InvalidOperationException($"socketpair: {Errno.Last}");
        return (new Socket(new SafeSocketHandle(pair[0], ownsHandle: true)), new Socket(new SafeSocketHandle(pair[1], ownsHandle: true)));
    }

    [LibraryImport(LibC.Name, EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPairCall(int domain, int type, int protocol, int* pair);
}
