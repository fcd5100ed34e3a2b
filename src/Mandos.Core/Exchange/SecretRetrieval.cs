using System.Net.Sockets;
using Mandos.Core.Keys;

namespace Mandos.Core.Exchange;

/// <summary>
/// The booting machine's side of the exchange (docs/protocol.md): greets, is the TLS <em>server</em> that shows the
/// machine's key, and takes what the Mandos server sends until its close_notify.
/// </summary>
public sealed class SecretRetrieval : IDisposable
{
    private readonly TlsChannel _channel;
    private readonly Socket _socket;
    private readonly KeyShowingServer _server;
    private readonly KeyShowingProtocol _protocol;
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
    /// <param name="debug">Told what was negotiated; never a secret. May be null.</param>
    /// <param name="ct">Ends the attempt.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing else is thrown whatever the peer does.</exception>
    public static async Task<RetrievalResult> RunAsync(Socket connected, TlsKeyPair keys, TlsPriority priority,
        ExchangeLimits limits, TimeProvider time, Action<string>? debug, CancellationToken ct)
    {
        using var retrieval = new SecretRetrieval(connected, keys, priority, limits, time);
        var failed = await retrieval.ShakeHandsAsync(ct).ConfigureAwait(false);
        if (failed is not null)
            return failed;
        debug?.Invoke($"negotiated {retrieval._server.Negotiated}; own key {keys.Algorithm} {keys.KeyId}");
        return await retrieval.TakeSecretAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Wipes what TLS still holds.</summary>
    public void Dispose() => _channel.Dispose();

    /// <summary>Greeting and handshake; null if all went well.</summary>
    private async Task<RetrievalResult?> ShakeHandsAsync(CancellationToken ct)
    {
        using var deadline = new Deadline(_limits.Handshake, _time, ct);
        try
        {
            await _socket.SendAsync(Greeting, deadline.Token).ConfigureAwait(false);
            _protocol.Accept(_server);
            while (_server.Negotiated is null)
            {
                if (!await _channel.ReadAsync(deadline.Token).ConfigureAwait(false))
                    throw TlsFailure.EndInHandshake();
                if (_server.Negotiated is null && _channel.Received > _limits.HandshakeBytes)
                    throw TlsFailure.TooMuch(_limits.HandshakeBytes);
            }
            return null;
        }
        catch (TlsFailure e)
        {
            await _channel.SayLastWordsAsync(_limits, _time, ct).ConfigureAwait(false);
            return new(RetrievalOutcome.HandshakeFailed, e.Message);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(RetrievalOutcome.TimedOut, $"no handshake within {_limits.Handshake.TotalSeconds:0.#} s");
        }
        catch (SocketException e)
        {
            return new(RetrievalOutcome.ConnectionLost, $"connection lost during the handshake: {e.Message}");
        }
    }

    /// <summary>Everything up to close_notify.</summary>
    private async Task<RetrievalResult> TakeSecretAsync(CancellationToken ct)
    {
        using var deadline = new Deadline(_limits.Data, _time, ct);
        using var secret = new GrowingSecret(_limits.SecretBytes);
        try
        {
            while (secret.TakeFrom(_channel))
            {
                if (_channel.IsClosed)
                {
                    await _channel.SayLastWordsAsync(_limits, _time, ct).ConfigureAwait(false);
                    return secret.Length == 0
                        ? new(RetrievalOutcome.Refused, "the server has no secret for this key now")
                        : new(RetrievalOutcome.Received, $"{secret.Length} bytes", secret.Release());
                }
                // Records that carry nothing are data too, as far as patience goes.
                if (_channel.Received > 4L * _limits.SecretBytes + _limits.HandshakeBytes)
                    break;
                if (!await _channel.ReadAsync(deadline.Token).ConfigureAwait(false))
                    return new(RetrievalOutcome.Truncated, $"the connection ended after {secret.Length} bytes without close_notify");
            }
            return new(RetrievalOutcome.TooLarge, $"the server sends more than {_limits.SecretBytes} bytes");
        }
        catch (TlsFailure e)
        {
            await _channel.SayLastWordsAsync(_limits, _time, ct).ConfigureAwait(false);
            return new(RetrievalOutcome.ConnectionLost, e.Message);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(RetrievalOutcome.TimedOut, $"no end of the data within {_limits.Data.TotalSeconds:0.#} s");
        }
        catch (SocketException e)
        {
            return new(RetrievalOutcome.ConnectionLost, $"connection lost after {secret.Length} bytes: {e.Message}");
        }
    }
}
