using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mandos.Client.Tests.Plugins;

/// <summary>Stands in for plymouthd: takes requests and sends what a test wants as replies, byte for byte.</summary>
internal sealed class StandInDaemon : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _serving;

    /// <summary>
    /// Starts one; <paramref name="reply"/> gets a request (<c>command:argument</c>) and returns what is sent, null to close.
    /// </summary>
    public StandInDaemon(Func<string, byte[]?> reply)
    {
        Address = new UnixDomainSocketEndPoint($"\0mandos-test-{Guid.NewGuid():N}");
        _listener.Bind(Address);
        _listener.Listen();
        _serving = ServeAsync(reply);
    }

    /// <summary>Where it listens.</summary>
    public EndPoint Address { get; }

    /// <summary>True: it is gone when it has answered a question.</summary>
    public bool EndsAfterAnswer { get; init; }

    /// <summary>What it was asked.</summary>
    public List<string> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync(Func<string, byte[]?> reply)
    {
        try
        {
            using var connection = await _listener.AcceptAsync();
            while (await ReadRequestAsync(connection) is { } request)
            {
                Requests.Add(request);
                if (reply(request) is not { } bytes)
                    return;
                // In pieces, as a stream may come.
                foreach (var piece in bytes)
                    await connection.SendAsync(new[] { piece });
                if (EndsAfterAnswer && request[0] == '*')
                    return;
            }
        }
        catch (SocketException)
        {
            // The test is over.
        }
    }

    private static async Task<string?> ReadRequestAsync(Socket connection)
    {
        var head = new byte[2];
        if (await connection.ReceiveAsync(head) != 2)
            return null;
        if (head[1] == 0)
            return $"{(char)head[0]}";
        var length = new byte[1];
        Assert.Equal(1, await connection.ReceiveAsync(length));
        var argument = new byte[length[0]];
        Assert.Equal(argument.Length, await connection.ReceiveAsync(argument));
        Assert.Equal(0, argument[^1]);
        return $"{(char)head[0]}:{Encoding.UTF8.GetString(argument[..^1])}";
    }
}
