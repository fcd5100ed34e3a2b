using Mandos.Core.Secrets;

namespace Mandos.Core.Exchange;

/// <summary>The limits on time and bytes after which a peer is given up. Upstream has none of these limits.</summary>
public sealed record ExchangeLimits
{
    /// <summary>From the connection to the end of the greeting line (server side).</summary>
    public TimeSpan Greeting { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the greeting to the end of the TLS handshake.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the end of the handshake to close_notify; long, because a server may hold the client for approval.</summary>
    public TimeSpan Data { get; init; } = TimeSpan.FromHours(1);

    /// <summary>For the orderly close.</summary>
    public TimeSpan Close { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The number of bytes accepted from a peer before it has finished the handshake.</summary>
    public int HandshakeBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// The largest RSA key that a peer may present (server side): the cost of verification grows with the square of its size.
    /// </summary>
    public int RsaBits { get; init; } = 4096;

    /// <summary>The largest secret, which is an OpenPGP message.</summary>
    public int SecretBytes { get; init; } = PasswordLimits.LargestMessage;

    /// <summary>What exchanges that run in parallel share; null: nothing.</summary>
    public LargeSecrets? Large { get; init; }
}
