namespace Mandos.Core.Exchange;

/// <summary>The outcome of a new connection's greeting and handshake, on the Mandos server.</summary>
public enum AcceptanceOutcome
{
    /// <summary>The handshake is done: <see cref="DeliveryAcceptance.Session"/> knows the peer's key.</summary>
    Ready,

    /// <summary>The first line was not a greeting, or the peer closed the connection before it.</summary>
    NoGreeting,

    /// <summary>The peer requests a later version of the protocol.</summary>
    UnsupportedVersion,

    /// <summary>The peer exceeded a time limit.</summary>
    TimedOut,

    /// <summary>The TLS handshake failed: no common parameters, no acceptable key, an alert, or bytes that are not TLS.</summary>
    HandshakeFailed,

    /// <summary>The connection broke.</summary>
    ConnectionLost,
}

/// <summary>
/// The result of greeting and handshake. <see cref="Session"/> is set only for <see cref="AcceptanceOutcome.Ready"/>. The receiver disposes
/// the result and then closes the socket (in all other cases without sending anything).
/// </summary>
public sealed record DeliveryAcceptance(AcceptanceOutcome Outcome, string Detail, DeliverySession? Session = null) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Session?.Dispose();
}
