using System.Net.Sockets;

namespace Mandos.Server.Logging;

/// <summary>A datagram socket to a log daemon that may restart or not read. Not thread-safe.</summary>
internal sealed class LogSocket(string path) : IDisposable
{
    /// <summary>The longest wait in milliseconds, after which the caller may decide whether to continue.</summary>
    private const int LongestWait = 500;

    private Socket? _socket;

    /// <summary>Sends one datagram.</summary>
    internal LogDelivery Send(byte[] datagram)
    {
        var delivery = SendOnce(datagram);
        // The second attempt is for a daemon that has restarted under the same name.
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

/// <summary>The outcome of sending a datagram to a log daemon.</summary>
internal enum LogDelivery
{
    Taken,

    /// <summary>The daemon exists, but does not read.</summary>
    NotYet,

    NotThere,
}
