using Mandos.Server.Tests.Checkers;

namespace Mandos.Server.Tests.Listening;

/// <summary>Measures the memory of the whole process: no other test may run meanwhile.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class ConnectionMemoryTests
{
    [Theory]
    [InlineData("")]
    [InlineData("1\r\n")]
    public async Task A_waiting_connection_uses_at_most_50_kilobytes(string said)
    {
        const int count = 200;
        await using var server = new TestServer([], mostPending: 2 * count);
        using var first = await ConnectAsync(20);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        using var connections = await ConnectAsync(count);

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        Assert.True(each <= 50_000, $"{each} bytes each");

        async Task<Disposables> ConnectAsync(int number)
        {
            var sockets = new Disposables();
            for (var i = 0; i < number; i++)
            {
                var socket = await server.ConnectAsync();
                sockets.Add(socket);
                await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(said), TestContext.Current.CancellationToken);
                // The server's hello: it has everything now that it needs for the handshake.
                if (said.Length > 0)
                    Assert.NotEqual(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
            }

            return sockets;
        }
    }

    private sealed class Disposables : List<IDisposable>, IDisposable
    {
        public void Dispose() => ForEach(d => d.Dispose());
    }
}
