using System.Net.Sockets;
using Mandos.Core.Keys;

namespace Mandos.Core.Exchange;

/// <summary>
/// The Mandos server's side of the exchange (docs/protocol.md): reads the greeting, is the TLS <em>client</em> that
/// learns the peer's key, and then either delivers the secret or refuses by closing without one.
/// </summary>
/// <remarks>
/// The peer has proven that it holds the key of <see cref="KeyId"/>. Whether that key may have anything is the caller's
/// to decide, the key ID of nothing (<see cref="KeyId.OfNothing"/>) included.
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

    /// <summary>Whose key the peer holds.</summary>
    public KeyId KeyId { get; }

    /// <summary>What the handshake agreed on.</summary>
    public Negotiated Negotiated { get; }

    /// <summary>
    /// Reads the greeting and shakes hands, within <see cref="ExchangeLimits.Greeting"/> and
    /// <see cref="ExchangeLimits.Handshake"/>.
    /// </summary>
    /// <param name="accepted">A connected stream socket; it stays the caller's.</param>
    /// <param name="priority">What the handshake may use.</param>
    /// <param name="limits">What the peer may take.</param>
    /// <param name="time">Where deadlines come from.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing else is thrown whatever the peer does.</exception>
    public static Task<DeliveryAcceptance> AcceptAsync(
        Socket accepted, TlsPriority priority, ExchangeLimits limits, TimeProvider time, CancellationToken cancellationToken) =>
        AcceptAsync(accepted, priority, limits, time, static _ => ValueTask.FromResult<IDisposable?>(null), cancellationToken);

    /// <summary>The same, when the costly steps of a handshake wait for their turn: our first word, and each flight of the peer.</summary>
    /// <param name="accepted">A connected stream socket; it stays the caller's.</param>
    /// <param name="priority">What the handshake may use.</param>
    /// <param name="limits">What the peer may take; waiting for turns counts to <see cref="ExchangeLimits.Handshake"/>.</param>
    /// <param name="time">Where deadlines come from.</param>
    /// <param name="turn">
    /// Called before each step; completes when it is this connection's turn. Its result is disposed when that step is done.
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
            return new(AcceptanceOutcome.Ready, client.Negotiated!.ToString(), new(client, protocol, channel, limits, time));
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
    /// While the peer waits for its answer: completes when it has closed the connection or said anything, which is the end
    /// too, since it is not its turn. Then nothing else may be done here but <see cref="Dispose"/>; if the wait was
    /// cancelled before, the exchange goes on as if it had not been.
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
                // What TLS does for itself (a new key) is no word of the peer's.
            }
        }
        catch (Exception e) when (e is SocketException or TlsFailure)
        {
            // Broken off: the end as well.
        }
    }

    /// <summary>
    /// Sends the secret as it is, within <see cref="ExchangeLimits.Data"/>, then close_notify, and waits for the peer's,
    /// within <see cref="ExchangeLimits.Close"/>. At least one byte: nothing would be read as a refusal.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<DeliveryOutcome> DeliverAsync(ReadOnlyMemory<byte> secret, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(secret.Length, nameof(secret));
        // A peer that took its leave with its last handshake message wants nothing.
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

    /// <summary>Says "no": close_notify without a byte of data. Waits for the peer's as <see cref="DeliverAsync"/> does.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task RefuseAsync(CancellationToken cancellationToken) => _ = await CloseAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Wipes what TLS still holds. The socket is not closed.</summary>
    public void Dispose() => _channel.Dispose();

    /// <summary>True if the peer said close_notify too.</summary>
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
                // A peer has nothing to say here but close_notify.
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

/// <summary>How the delivery of a secret ended.</summary>
public enum DeliveryOutcome
{
    /// <summary>All of it was sent, and the peer's close_notify says that it was read to its end.</summary>
    Confirmed,

    /// <summary>All of it was handed to the network, but no close_notify came back in time. The original calls this a success.</summary>
    Unconfirmed,

    /// <summary>The connection broke, or the peer stopped reading, before all was sent.</summary>
    Interrupted,
}
