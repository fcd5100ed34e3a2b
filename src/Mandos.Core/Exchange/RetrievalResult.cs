using Mandos.Core.Secrets;

namespace Mandos.Core.Exchange;

/// <summary>How one attempt to get the secret from one server ended; seen from the booting machine.</summary>
public enum RetrievalOutcome
{
    /// <summary>The whole secret came, ended by close_notify.</summary>
    Received,

    /// <summary>A complete handshake and not one byte: the only "no" of the protocol (unknown, disabled, denied).</summary>
    Refused,

    /// <summary>The peer did not do in time what was its turn.</summary>
    TimedOut,

    /// <summary>The TLS handshake failed: no common parameters, an alert, or bytes that are no TLS.</summary>
    HandshakeFailed,

    /// <summary>The stream ended without close_notify: what came may be cut short and is thrown away.</summary>
    Truncated,

    /// <summary>More data than a secret may have.</summary>
    TooLarge,

    /// <summary>The connection broke.</summary>
    ConnectionLost,
}

/// <summary>
/// The result of one attempt. <see cref="Secret"/> is set only for <see cref="RetrievalOutcome.Received"/>; the caller that gets
/// the result owns and disposes it.
/// </summary>
public sealed record RetrievalResult(RetrievalOutcome Outcome, string Detail, SecretBuffer? Secret = null) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Secret?.Dispose();
}
