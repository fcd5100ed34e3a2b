using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Sockets;

/// <summary>TCP_QUICKACK (tcp(7)): acknowledges received data without waiting for data to send.</summary>
/// <remarks>
/// A peer that writes in small pieces with Nagle's algorithm, as upstream's server does, sends its second piece only when the first is
/// acknowledged; the kernel delays an acknowledgement by 40 ms.
/// </remarks>
public static unsafe partial class TcpAcknowledgement
{
    private const int IPPROTO_TCP = 6, TCP_QUICKACK = 12;

    /// <summary>
    /// Acknowledges now. The effect is temporary, so this must be called before each wait. Has no effect on a socket that is not TCP.
    /// </summary>
    public static void Hasten(Socket socket)
    {
        var on = 1;
        _ = SetSockOpt((int)socket.Handle, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(int));
    }

    [LibraryImport(LibC.Name, EntryPoint = "setsockopt")]
    private static partial int SetSockOpt(int socket, int level, int name, int* value, int length);
}
