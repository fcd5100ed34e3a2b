using System.Net.Sockets;
using Mandos.Core.Keys;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Core.Exchange;

/// <summary>
/// The booting machine's side of the exchange (docs/protocol.md): it sends the greeting, acts as the TLS <em>server</em> that presents the
/// machine's key, and receives data from the Mandos server until its close_notify.
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
    private ReadOnlyMemory<byte> _greeting;

    private SecretRetrieval(Socket socket, TlsKeyPair keys, TlsPriority priority, ExchangeLimits limits, TimeProvider time)
    {
        _socket = socket;
        _limits = limits;
        _time = time;
        _server = new(keys, priority, limits.HandshakeBytes);
        _protocol = new(_server);
        _channel = new(socket, _protocol, _server);
    }

    /// <summary>The exact protocol line.</summary>
    private static ReadOnlyMemory<byte> Greeting { get; } = "1\r\n"u8.ToArray();

    /// <summary>The line that announces a rehearsal; to upstream's server it is the same as the other.</summary>
    private static ReadOnlyMemory<byte> RehearsalGreeting { get; } = "1 rehearsal\r\n"u8.ToArray();

    /// <summary>
    /// Makes one attempt over a connected stream socket, of which the caller keeps ownership (the server waits until it is closed). By
    /// design the server is not authenticated: only the holder of the OpenPGP key can decrypt the data.
    /// </summary>
    /// <param name="connected">A connected TCP socket on which nothing was sent yet.</param>
    /// <param name="keys">The machine's key.</param>
    /// <param name="priority">The TLS parameters.</param>
    /// <param name="limits">The limits for the peer; <see cref="ExchangeLimits.Greeting"/> is not used here.</param>
    /// <param name="time">The clock for deadlines.</param>
    /// <param name="debug">Gets a line about the negotiated parameters, never a secret. May be null.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <param name="rehearsal">Whether to announce that this is only a test.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing else is thrown whatever the peer does.</exception>
    public static async Task<RetrievalResult> RunAsync(Socket connected, TlsKeyPair keys, TlsPriority priority,
        ExchangeLimits limits, TimeProvider time, Action<string>? debug, CancellationToken cancellationToken, bool rehearsal = false)
    {
        using var retrieval = new SecretRetrieval(connected, keys, priority, limits, time)
        {
            _greeting = rehearsal ? RehearsalGreeting : Greeting,
        };
        var failed = await retrieval.ShakeHandsAsync(cancellationToken).ConfigureAwait(false);
        if (failed is not null)
            return failed;
        debug?.Invoke($"negotiated {retrieval._server.Negotiated}; own key {keys.Algorithm} {keys.KeyId}");
        return await retrieval.TakeSecretAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Wipes what TLS still holds.</summary>
    public void Dispose() => _channel.Dispose();

    /// <summary>Performs the greeting and the handshake; null on success.</summary>
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
        await _socket.SendAsync(_greeting, cancellationToken).ConfigureAwait(false);
        _protocol.Accept(_server);
    }

    /// <summary>Receives everything up to close_notify.</summary>
    private async Task<RetrievalResult> TakeSecretAsync(CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(_limits.Data, _time, cancellationToken);
        var secret = new GrowingBuffer(FirstCapacity, _limits.SecretBytes);
        RetrievalResult? result = null;
        try
        {
            result = await ReadToEndAsync(secret, LargeSecrets.Threshold, deadline.Token).ConfigureAwait(false)
                ?? await ReadLargeAsync(secret, deadline.Token).ConfigureAwait(false);
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
            // The buffer now belongs to the result, or was disposed.
            if (result?.Secret is null)
                secret.Dispose();
        }
        await _channel.SayLastWordsAsync(_limits, _time, cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Receives the rest of a large secret, when only few others are received.</summary>
    private async Task<RetrievalResult> ReadLargeAsync(GrowingBuffer secret, CancellationToken cancellationToken)
    {
        using var place = await _limits.Large!.TakeAsync(cancellationToken).ConfigureAwait(false);
        using var deadline = new Deadline(_limits.Large.Time, _time, cancellationToken);
        try
        {
            return (await ReadToEndAsync(secret, int.MaxValue, deadline.Token).ConfigureAwait(false))!;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(RetrievalOutcome.TimedOut, $"the large secret did not end within {_limits.Large.Time.TotalSeconds:0.#} s");
        }
    }

    /// <summary>Receives up to close_notify; null if there is more than <paramref name="enough"/> and that has to wait.</summary>
    private async Task<RetrievalResult?> ReadToEndAsync(GrowingBuffer secret, int enough, CancellationToken cancellationToken)
    {
        // Empty records count towards this limit too.
        var most = 4L * _limits.SecretBytes + _limits.HandshakeBytes;
        while (Drain(secret) && _channel.Received <= most)
        {
            if (_channel.IsClosed)
                return secret.Length == 0
                    ? new(RetrievalOutcome.Refused, "the server has no secret for this key now")
                    : new(RetrievalOutcome.Received, $"{secret.Length} bytes", secret.Take());
            if (!await _channel.ReadAsync(cancellationToken).ConfigureAwait(false))
                return new(RetrievalOutcome.Truncated, $"the connection was closed after {secret.Length} bytes without close_notify");
            if (secret.Length > enough && _limits.Large is not null)
                return null;
        }
        return new(RetrievalOutcome.TooLarge, $"the server sends more than {_limits.SecretBytes} bytes");
    }

    /// <summary>Moves decrypted data into locked memory; false if it exceeds the size limit of a secret.</summary>
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
