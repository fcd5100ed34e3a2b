using System.Net.Sockets;
using Mandos.Core.Keys;

namespace Mandos.Core.Exchange;

/// <summary>
/// The Mandos server's side of the exchange (docs/protocol.md): it reads the greeting, acts as the TLS <em>client</em> to learn the peer's
/// key, and then either delivers the secret or refuses by closing without one.
/// </summary>
/// <remarks>
/// The peer has proven that it holds the key of <see cref="KeyId"/>. The caller decides whether that key may get anything, including the
/// hash of the empty string (<see cref="KeyId.OfNothing"/>).
/// </remarks>
public sealed class DeliverySession : IDisposable
{
    private readonly RawPublicKeyTlsClientProtocol _protocol;
    private readonly TlsChannel _channel;
    private readonly ExchangeLimits _limits;
    private readonly TimeProvider _time;

    internal DeliverySession(
        RawPublicKeyTlsClient client, RawPublicKeyTlsClientProtocol protocol, TlsChannel channel, ExchangeLimits limits, TimeProvider time)
    {
        _protocol = protocol;
        _channel = channel;
        _limits = limits;
        _time = time;
        KeyId = KeyId.FromSubjectPublicKeyInfo(client.PeerKey);
        Negotiated = client.Negotiated!;
    }

    /// <summary>The ID of the peer's key.</summary>
    public KeyId KeyId { get; }

    /// <summary>What the handshake agreed on.</summary>
    public Negotiated Negotiated { get; }

    /// <summary>Whether the client announced that it only tests whether it gets its secret.</summary>
    public bool IsRehearsal { get; private init; }

    /// <summary>
    /// Reads the greeting and performs the handshake, within <see cref="ExchangeLimits.Greeting"/> and
    /// <see cref="ExchangeLimits.Handshake"/>.
    /// </summary>
    /// <param name="accepted">A connected stream socket; the caller keeps ownership.</param>
    /// <param name="priority">The TLS parameters.</param>
    /// <param name="limits">The limits for the peer.</param>
    /// <param name="time">The clock for deadlines.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing else is thrown whatever the peer does.</exception>
    public static Task<DeliveryAcceptance> AcceptAsync(
        Socket accepted, TlsPriority priority, ExchangeLimits limits, TimeProvider time, CancellationToken cancellationToken) =>
        AcceptAsync(accepted, priority, limits, time, static _ => ValueTask.FromResult<IDisposable?>(null), cancellationToken);

    /// <summary>
    /// Reads the greeting and performs the handshake, where each costly step waits for its turn: our first message, and each flight of the
    /// peer.
    /// </summary>
    /// <param name="accepted">A connected stream socket; the caller keeps ownership.</param>
    /// <param name="priority">The TLS parameters.</param>
    /// <param name="limits">The limits for the peer; waiting for turns counts towards <see cref="ExchangeLimits.Handshake"/>.</param>
    /// <param name="time">The clock for deadlines.</param>
    /// <param name="turn">Called before each step; completes when it is this connection's turn. The result is disposed after that step.
    /// </param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing else is thrown whatever the peer does.</exception>
    public static async Task<DeliveryAcceptance> AcceptAsync(Socket accepted, TlsPriority priority, ExchangeLimits limits,
        TimeProvider time, Func<CancellationToken, ValueTask<IDisposable?>> turn, CancellationToken cancellationToken)
    {
        var reader = new GreetingReader(accepted);
        var refusal = await reader.ReadAsync(limits.Greeting, time, cancellationToken).ConfigureAwait(false);
        if (refusal is not null)
            return refusal;
        var client = new RawPublicKeyTlsClient(priority, limits);
        var protocol = new RawPublicKeyTlsClientProtocol(client.Bounds);
        var channel = new TlsChannel(accepted, protocol, client, turn);
        var failure = await TlsHandshake.RunAsync(channel, SayHelloAsync, client, limits, time, cancellationToken).ConfigureAwait(false);
        if (failure is null)
            return new(
                AcceptanceOutcome.Ready, client.Negotiated!.ToString(),
                new(client, protocol, channel, limits, time) { IsRehearsal = reader.IsRehearsal });
        channel.Dispose();
        return new(failure.End switch
        {
            HandshakeEnd.TimedOut => AcceptanceOutcome.TimedOut,
            HandshakeEnd.ConnectionLost => AcceptanceOutcome.ConnectionLost,
            _ => AcceptanceOutcome.HandshakeFailed,
        }, failure.Detail);

        async ValueTask SayHelloAsync(CancellationToken token)
        {
            using var own = await turn(token).ConfigureAwait(false);
            protocol.Connect(client);
            await channel.SendAsync(token).ConfigureAwait(false);
            channel.Begin(reader.Surplus.Span);
        }
    }

    /// <summary>
    /// Waits, while the peer waits for its answer, until the peer closes the connection or sends anything, which it must not do now and
    /// which also ends the exchange. After that only <see cref="Dispose"/> may be called. If the wait is cancelled before, the exchange can
    /// continue as if there had been no wait.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        var most = _channel.Received + _limits.HandshakeBytes;
        try
        {
            while (!_channel.IsClosed
                && _channel.Available == 0
                && _channel.Received < most
                && await _channel.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // Messages of TLS itself (a key update) are not application data.
            }
        }
        catch (Exception e) when (e is SocketException or TlsFailure)
        {
            // A broken connection is an end too.
        }
    }

    /// <summary>
    /// Sends the unchanged secret within <see cref="ExchangeLimits.Data"/>, then close_notify, and waits for the peer's within
    /// <see cref="ExchangeLimits.Close"/>. The secret has at least one byte, because an empty one would be read as a refusal.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<DeliveryOutcome> DeliverAsync(ReadOnlyMemory<byte> secret, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(secret.Length, nameof(secret));
        // A peer that closed with its last handshake message wants nothing.
        if (_channel.IsClosed)
            return DeliveryOutcome.Interrupted;
        using var deadline = new Deadline(_limits.Data, _time, cancellationToken);
        try
        {
            await _channel.WriteAsync(secret, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return DeliveryOutcome.Interrupted;
        }
        return await CloseAsync(cancellationToken).ConfigureAwait(false) ? DeliveryOutcome.Confirmed : DeliveryOutcome.Unconfirmed;
    }

    /// <summary>Refuses: sends close_notify without any data, and waits for the peer's as <see cref="DeliverAsync"/> does.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task RefuseAsync(CancellationToken cancellationToken) => _ = await CloseAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Wipes what TLS still holds. Does not close the socket.</summary>
    public void Dispose() => _channel.Dispose();

    /// <summary>Sends close_notify; true if the peer sent its own.</summary>
    private async Task<bool> CloseAsync(CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(_limits.Close, _time, cancellationToken);
        try
        {
            _protocol.SayCloseNotify();
            await _channel.SendAsync(deadline.Token).ConfigureAwait(false);
            var most = _channel.Received + _limits.HandshakeBytes;
            while (!_channel.IsClosed && _channel.Received < most && await _channel.ReadAsync(deadline.Token).ConfigureAwait(false))
            {
                // The peer must send nothing here but close_notify.
            }
            return _channel.IsClosed;
        }
        catch (Exception e) when (
            e is SocketException or TlsFailure || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}

/// <summary>The outcome of a delivery.</summary>
public enum DeliveryOutcome
{
    /// <summary>The whole secret was sent, and the peer's close_notify confirms that it was read to its end.</summary>
    Confirmed,

    /// <summary>
    /// The whole secret was handed to the network, but no close_notify came back in time. Upstream counts this as a success.
    /// </summary>
    Unconfirmed,

    /// <summary>The connection broke, or the peer stopped reading, before the whole secret was sent.</summary>
    Interrupted,
}
