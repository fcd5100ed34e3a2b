using System.Net.Sockets;

namespace Mandos.Web.Serving;

/// <summary>The path of a Unix socket that can be bound.</summary>
internal static class FreeSocket
{
    /// <summary>Removes a socket on which no process listens any more; one that is in use stays, and binding fails.</summary>
    internal static string At(string path)
    {
        if (!File.Exists(path))
            return path;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }

        return path;
    }
}
