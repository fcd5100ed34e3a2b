using Mandos.Core.Secrets;

namespace Mandos.Core.Exchange;

/// <summary>The outcome of one attempt to get the secret from one server, on the booting machine.</summary>
public enum RetrievalOutcome
{
    /// <summary>The whole secret arrived, followed by close_notify.</summary>
    Received,

    /// <summary>The handshake succeeded but no data followed: the protocol's only refusal (unknown, disabled, denied).</summary>
    Refused,

    /// <summary>The peer exceeded a time limit.</summary>
    TimedOut,

    /// <summary>The TLS handshake failed: no common parameters, an alert, or bytes that are not TLS.</summary>
    HandshakeFailed,

    /// <summary>The stream ended without close_notify: the data may be incomplete and is discarded.</summary>
    Truncated,

    /// <summary>The data exceeds the size limit of a secret.</summary>
    TooLarge,

    /// <summary>The connection broke.</summary>
    ConnectionLost,
}

/// <summary>
/// The result of one attempt. <see cref="Secret"/> is set only for <see cref="RetrievalOutcome.Received"/>; the receiver of the result owns
/// and disposes it.
/// </summary>
public sealed record RetrievalResult(RetrievalOutcome Outcome, string Detail, SecretBuffer? Secret = null) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Secret?.Dispose();
}
