using Mandos.Core.Secrets;

namespace Mandos.Core.Exchange;

/// <summary>What a peer may take, in time and bytes, before it is given up. The original has none of these.</summary>
public sealed record ExchangeLimits
{
    /// <summary>From the connection to the end of the greeting line (server side).</summary>
    public TimeSpan Greeting { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the greeting to the end of the TLS handshake.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the end of the handshake to close_notify; long, since a server may hold the client for approval.</summary>
    public TimeSpan Data { get; init; } = TimeSpan.FromHours(1);

    /// <summary>For the orderly close.</summary>
    public TimeSpan Close { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes taken from a peer before it has finished the handshake.</summary>
    public int HandshakeBytes { get; init; } = 64 * 1024;

    /// <summary>Largest RSA key that a peer may show (server side): the work of verifying grows with its square.</summary>
    public int RsaBits { get; init; } = 4096;

    /// <summary>Largest secret: an OpenPGP message.</summary>
    public int SecretBytes { get; init; } = PasswordLimits.LargestMessage;
}
