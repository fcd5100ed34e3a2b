namespace Mandos.Core.Exchange;

/// <summary>How far a new connection came; seen from the Mandos server.</summary>
public enum AcceptanceOutcome
{
    /// <summary>The handshake is done: <see cref="DeliveryAcceptance.Session"/> knows the peer's key.</summary>
    Ready,

    /// <summary>The first line was no greeting, or the peer closed the connection before it.</summary>
    NoGreeting,

    /// <summary>The peer wants a later version of the protocol.</summary>
    UnsupportedVersion,

    /// <summary>The peer did not do in time what was its turn.</summary>
    TimedOut,

    /// <summary>The TLS handshake failed: no common parameters, no acceptable key, an alert, or bytes that are no TLS.</summary>
    HandshakeFailed,

    /// <summary>The connection broke.</summary>
    ConnectionLost,
}

/// <summary>
/// The result of greeting and handshake. <see cref="Session"/> is set for <see cref="AcceptanceOutcome.Ready"/> alone;
/// the receiver of the result disposes it, then closes the socket (without sending anything in all other cases).
/// </summary>
public sealed record DeliveryAcceptance(AcceptanceOutcome Outcome, string Detail, DeliverySession? Session = null) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Session?.Dispose();
}
