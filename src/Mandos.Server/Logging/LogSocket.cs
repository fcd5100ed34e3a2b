using System.Net.Sockets;

namespace Mandos.Server.Logging;

/// <summary>A datagram socket of a log daemon that may come and go. Not for two threads at once.</summary>
internal sealed class LogSocket(string path) : IDisposable
{
    private Socket? _socket;

    /// <summary>Sends one datagram; false if nobody takes it.</summary>
    internal bool TrySend(byte[] datagram) =>
        // The second attempt is for a daemon that was started anew behind the same name.
        TrySendOnce(datagram) || TrySendOnce(datagram);

    /// <inheritdoc />
    public void Dispose() => _socket?.Dispose();

    private bool TrySendOnce(byte[] datagram)
    {
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 1000 };
                _socket.Connect(new UnixDomainSocketEndPoint(path));
            }

            _socket.Send(datagram);
            return true;
        }
        catch (SocketException)
        {
            _socket?.Dispose();
            _socket = null;
            return false;
        }
    }
}
