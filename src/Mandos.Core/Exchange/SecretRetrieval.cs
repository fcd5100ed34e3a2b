using System.Net.Sockets;
using Mandos.Core.Keys;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Core.Exchange;

/// <summary>
/// The booting machine's side of the exchange (docs/protocol.md): greets, is the TLS <em>server</em> that shows the
/// machine's key, and takes what the Mandos server sends until its close_notify.
/// </summary>
public sealed class SecretRetrieval : IDisposable
{
    private const int FirstCapacity = 16 * 1024;

    private readonly TlsChannel _channel;
    private readonly Socket _socket;
    private readonly RawPublicKeyTlsServer _server;
    private readonly RawPublicKeyTlsServerProtocol _protocol;
    private readonly ExchangeLimits _limits;
    private readonly TimeProvider _time;

    private SecretRetrieval(Socket socket, TlsKeyPair keys, TlsPriority priority, ExchangeLimits limits, TimeProvider time)
    {
        _socket = socket;
        _limits = limits;
        _time = time;
        _server = new(keys, priority, limits.HandshakeBytes);
        _protocol = new(_server);
        _channel = new(socket, _protocol, _server);
    }

    /// <summary>The protocol line, to the byte.</summary>
    private static ReadOnlyMemory<byte> Greeting { get; } = "1\r\n"u8.ToArray();

    /// <summary>
    /// Carries out one attempt over a connected stream socket, which stays the caller's (the server waits for its close).
    /// The server is not authenticated, by design: only the holder of the OpenPGP key can read what comes.
    /// </summary>
    /// <param name="connected">A connected TCP socket on which nothing was sent yet.</param>
    /// <param name="keys">The machine's key.</param>
    /// <param name="priority">What the handshake may use.</param>
    /// <param name="limits">What the peer may take; <see cref="ExchangeLimits.Greeting"/> is not used here.</param>
    /// <param name="time">Where deadlines come from.</param>
    /// <param name="debug">Gets a line about what was negotiated; never a secret. May be null.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing else is thrown whatever the peer does.</exception>
    public static async Task<RetrievalResult> RunAsync(Socket connected, TlsKeyPair keys, TlsPriority priority,
        ExchangeLimits limits, TimeProvider time, Action<string>? debug, CancellationToken cancellationToken)
    {
        using var retrieval = new SecretRetrieval(connected, keys, priority, limits, time);
        var failed = await retrieval.ShakeHandsAsync(cancellationToken).ConfigureAwait(false);
        if (failed is not null)
            return failed;
        debug?.Invoke($"negotiated {retrieval._server.Negotiated}; own key {keys.Algorithm} {keys.KeyId}");
        return await retrieval.TakeSecretAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Wipes what TLS still holds.</summary>
    public void Dispose() => _channel.Dispose();

    /// <summary>Greeting and handshake; null if all went well.</summary>
    private async Task<RetrievalResult?> ShakeHandsAsync(CancellationToken cancellationToken)
    {
        var failure = await TlsHandshake.RunAsync(_channel, GreetAsync, _server, _limits, _time, cancellationToken).ConfigureAwait(false);
        return failure is null ? null : new(failure.End switch
        {
            HandshakeEnd.TimedOut => RetrievalOutcome.TimedOut,
            HandshakeEnd.ConnectionLost => RetrievalOutcome.ConnectionLost,
            _ => RetrievalOutcome.HandshakeFailed,
        }, failure.Detail);
    }

    private async ValueTask GreetAsync(CancellationToken cancellationToken)
    {
        await _socket.SendAsync(Greeting, cancellationToken).ConfigureAwait(false);
        _protocol.Accept(_server);
    }

    /// <summary>Everything up to close_notify.</summary>
    private async Task<RetrievalResult> TakeSecretAsync(CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(_limits.Data, _time, cancellationToken);
        var secret = new GrowingBuffer(FirstCapacity, _limits.SecretBytes);
        RetrievalResult? result = null;
        try
        {
            result = await ReadToEndAsync(secret, deadline.Token).ConfigureAwait(false);
        }
        catch (TlsFailure e)
        {
            result = new(RetrievalOutcome.ConnectionLost, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            result = new(RetrievalOutcome.TimedOut, $"the data did not end within {_limits.Data.TotalSeconds:0.#} s");
        }
        catch (SocketException e)
        {
            result = new(RetrievalOutcome.ConnectionLost, $"connection lost after {secret.Length} bytes: {SystemFailure.Reason(e)}");
        }
        finally
        {
            // The buffer belongs to the result now, or was disposed.
            if (result?.Secret is null)
                secret.Dispose();
        }
        await _channel.SayLastWordsAsync(_limits, _time, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private async Task<RetrievalResult> ReadToEndAsync(GrowingBuffer secret, CancellationToken cancellationToken)
    {
        // Records that carry nothing are data too, as far as patience goes.
        var most = 4L * _limits.SecretBytes + _limits.HandshakeBytes;
        while (Drain(secret) && _channel.Received <= most)
        {
            if (_channel.IsClosed)
                return secret.Length == 0
                    ? new(RetrievalOutcome.Refused, "the server has no secret for this key now")
                    : new(RetrievalOutcome.Received, $"{secret.Length} bytes", secret.Take());
            if (!await _channel.ReadAsync(cancellationToken).ConfigureAwait(false))
                return new(RetrievalOutcome.Truncated, $"the connection was closed after {secret.Length} bytes without close_notify");
        }
        return new(RetrievalOutcome.TooLarge, $"the server sends more than {_limits.SecretBytes} bytes");
    }

    /// <summary>Moves what has been decrypted into locked memory; false if that is more than a secret may have.</summary>
    private bool Drain(GrowingBuffer secret)
    {
        Span<byte> part = stackalloc byte[1024];
        var fits = true;
        while (fits && _channel.Available > 0)
            fits = secret.Append(part[.._channel.Take(part)]);
        SecretBuffer.Wipe(part);
        return fits;
    }
}
