using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>The parameters that a handshake negotiated; for debug output and logs.</summary>
public sealed record Negotiated(string Version, string CipherSuite, string Group)
{
    internal static Negotiated From(SecurityParameters parameters) => new(
        parameters.NegotiatedVersion.Name,
        TlsPriority.CipherSuiteName(parameters.CipherSuite),
        TlsPriority.GroupName(parameters.NegotiatedGroup));

    /// <summary>"TLS 1.3, AES_256_GCM_SHA384, X25519".</summary>
    public override string ToString() => $"{Version}, {CipherSuite}, {Group}";
}
