using System.Net.Sockets;

namespace Mandos.Core.Tests.Exchange;

/// <summary>
/// A relay in front of a socket that may cut what it passes on into pieces, and keeps a copy of what went each way.
/// </summary>
internal sealed class Tap(Func<int>? nextPiece = null) : IAsyncDisposable
{
    private readonly MemoryStream _toClient = new();
    private readonly MemoryStream _toServer = new();
    private readonly CancellationTokenSource _stop = new();
    private LoopbackPair? _front;
    private Task _relays = Task.CompletedTask;

    /// <summary>What the far end sent.</summary>
    public byte[] ToClient => Copy(_toClient);

    /// <summary>What was sent to the far end.</summary>
    public byte[] ToServer => Copy(_toServer);

    /// <summary>A socket that stands for <paramref name="far"/>.</summary>
    public async Task<Socket> InFrontOfAsync(Socket far)
    {
        _front = await LoopbackPair.OpenAsync();
        _relays = Task.WhenAll(RelayAsync(far, _front.Server, _toClient), RelayAsync(_front.Server, far, _toServer));
        return _front.Client;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _relays;
        _front?.Dispose();
        _stop.Dispose();
        await _toClient.DisposeAsync();
        await _toServer.DisposeAsync();
    }

    private async Task RelayAsync(Socket from, Socket to, MemoryStream copy)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory(0, nextPiece?.Invoke() ?? buffer.Length), _stop.Token) is > 0 and var count)
            {
                lock (copy)
                    copy.Write(buffer, 0, count);
                await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static byte[] Copy(MemoryStream stream)
    {
        lock (stream)
            return stream.ToArray();
    }
}
