using System.Net.Sockets;
using System.Text;

namespace Mandos.Client.Tests.Agent;

/// <summary>A question as systemd asks it: written under another name, renamed into place, with a socket that waits.</summary>
internal sealed class AskedQuestion : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly string _socketPath;
    private readonly string _path;

    internal AskedQuestion(string directory, int number, string id, string notAfter, int processId, string message)
    {
        _socketPath = $"{directory}/sck.{number}";
        _path = $"{directory}/ask.{number}";
        File.WriteAllText(
            $"{directory}/tmp.{number}",
            $"[Ask]\nPID={processId}\nSocket={_socketPath}\nAcceptCached=0\nEcho=0\nNotAfter={notAfter}\nSilent=0\nMessage={message}\n"
                + $"{(id.Length == 0 ? "" : $"Id={id}\n")}");
        File.Move($"{directory}/tmp.{number}", _path);
    }

    /// <summary>Begins to wait for the answer.</summary>
    internal void Listen() => _socket.Bind(new UnixDomainSocketEndPoint(_socketPath));

    /// <summary>The answer; waits for it.</summary>
    internal string Receive()
    {
        _socket.ReceiveTimeout = 60_000;
        var buffer = new byte[1 << 16];
        return Encoding.UTF8.GetString(buffer.AsSpan(0, _socket.Receive(buffer)));
    }

    /// <summary>True if there is an answer already.</summary>
    internal bool HasAnswer() => _socket.Available > 0;

    /// <summary>Takes the question away.</summary>
    internal void Withdraw() => File.Delete(_path);

    public void Dispose() => _socket.Dispose();
}
