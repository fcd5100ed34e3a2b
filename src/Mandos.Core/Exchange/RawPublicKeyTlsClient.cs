using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// The Mandos server's TLS client: only TLS 1.3; it requires the peer's raw public key (RFC 7250), and has no certificate and no server
/// name to request.
/// </summary>
internal sealed class RawPublicKeyTlsClient(TlsPriority priority, ExchangeLimits limits)
    : AbstractTlsClient(new RawPublicKeyTlsClientCrypto(limits.RsaBits)), IHandshakeState, TlsAuthentication
{
    /// <summary>
    /// The groups for which a share is sent immediately; a peer that supports only others requests them (HelloRetryRequest). There is no
    /// NIST curve, because generating its key takes as long as both of these, and every known client supports X25519.
    /// </summary>
    private static readonly int[] EarlyGroups = [NamedGroup.X25519MLKEM768, NamedGroup.x25519];

    private string? _objection;

    public string? Objection => _objection ?? Bounds.Excess;

    public Negotiated? Negotiated { get; private set; }

    public RecordBounds Bounds { get; } = new();

    /// <summary>
    /// The peer's SubjectPublicKeyInfo in DER, as received; once <see cref="Negotiated"/> is set, the peer has proved that it holds the
    /// private key.
    /// </summary>
    internal byte[] PeerKey { get; private set; } = [];

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.Only();

    protected override int[] GetSupportedCipherSuites() => priority.CipherSuites;

    protected override IList<int> GetSupportedGroups(IList<int> namedGroupRoles) => [.. priority.Groups];

    public override IList<int> GetEarlyKeyShareGroups()
    {
        int[] early = [.. priority.Groups.Where(EarlyGroups.Contains)];
        return early.Length > 0 ? early : [priority.Groups[0]];
    }

    protected override IList<SignatureAndHashAlgorithm> GetSupportedSignatureAlgorithms() =>
        [.. priority.SignatureSchemes.Select(SignatureScheme.GetSignatureAndHashAlgorithm)];

    protected override short[] GetAllowedServerCertificateTypes() => [CertificateType.RawPublicKey];

    protected override CertificateStatusRequest? GetCertificateStatusRequest() => null;

    public override int GetMaxHandshakeMessageSize() => limits.HandshakeBytes;

    public override TlsAuthentication GetAuthentication() => this;

    public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) => null;

    /// <summary>Called before the signature is verified with the key.</summary>
    public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
    {
        var chain = serverCertificate.Certificate;
        if (chain.Length != 1)
        {
            _objection = $"the peer presents {chain.Length} keys instead of one";
            throw new TlsFatalAlert(AlertDescription.bad_certificate);
        }
        PeerKey = chain.GetCertificateAt(0).GetEncoded();
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Negotiated = Negotiated.From(m_context.SecurityParameters);
    }
}
