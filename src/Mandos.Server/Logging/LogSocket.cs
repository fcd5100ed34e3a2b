using System.Net.Sockets;

namespace Mandos.Server.Logging;

/// <summary>A datagram socket of a log daemon that may come and go, or not read. Not for two threads at once.</summary>
internal sealed class LogSocket(string path) : IDisposable
{
    /// <summary>In milliseconds; then the caller may see whether it still wants to wait.</summary>
    private const int LongestWait = 500;

    private Socket? _socket;

    /// <summary>Sends one datagram.</summary>
    internal LogDelivery Send(byte[] datagram)
    {
        var delivery = SendOnce(datagram);
        // The second attempt is for a daemon that was restarted behind the same name.
        return delivery == LogDelivery.NotThere ? SendOnce(datagram) : delivery;
    }

    /// <inheritdoc />
    public void Dispose() => _socket?.Dispose();

    private LogDelivery SendOnce(byte[] datagram)
    {
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = LongestWait };
                _socket.Connect(new UnixDomainSocketEndPoint(path));
            }

            _socket.Send(datagram);
            return LogDelivery.Taken;
        }
        catch (SocketException e) when (
            e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable)
        {
            return LogDelivery.NotYet;
        }
        catch (SocketException)
        {
            _socket?.Dispose();
            _socket = null;
            return LogDelivery.NotThere;
        }
    }
}

/// <summary>What became of a datagram for a log daemon.</summary>
internal enum LogDelivery
{
    Taken,

    /// <summary>It is there, and does not read.</summary>
    NotYet,

    NotThere,
}
