using Mandos.Core.Exchange.Crypto;
using Mandos.Core.Keys;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange;

/// <summary>
/// The TLS server of a booting machine: only TLS 1.3; it presents its raw public key (RFC 7250), requests no certificate and issues no
/// tickets.
/// </summary>
internal sealed class RawPublicKeyTlsServer(TlsKeyPair keys, TlsPriority priority, int largestMessage)
    : AbstractTlsServer(new SlimTlsCrypto()), IHandshakeState
{
    private IList<KeyShareEntry> _shares = [];
    private string? _objection;

    public string? Objection => _objection ?? Bounds.Excess;

    public Negotiated? Negotiated { get; private set; }

    public RecordBounds Bounds { get; } = new();

    /// <summary>Inspects a ClientHello before anything is chosen.</summary>
    internal void NoteClientHello(ClientHello hello) =>
        _shares = TlsExtensionsUtilities.GetKeyShareClientHello(hello.Extensions) ?? [];

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.Only();

    protected override int[] GetSupportedCipherSuites() => priority.CipherSuites;

    protected override bool PreferLocalCipherSuites() => true;

    public override bool PreferLocalSupportedGroups() => true;

    /// <summary>
    /// Our order of preference, but a group for which the peer sent a share precedes one that costs another round trip (HelloRetryRequest).
    /// The post-quantum group is worth the round trip.
    /// </summary>
    public override int[] GetSupportedGroups()
    {
        var ordered = new List<int>(priority.Groups.Length);
        for (var rank = 0; rank < Ranks; rank++)
        {
            foreach (var group in priority.Groups)
            {
                if (Rank(group) == rank)
                    ordered.Add(group);
            }
        }
        return [.. ordered];
    }

    protected override bool AllowCertificateStatus() => false;

    protected override bool AllowMultiCertStatus() => false;

    public override int GetMaxHandshakeMessageSize() => largestMessage;

    public override ProtocolVersion GetServerVersion() =>
        ProtocolVersion.Contains(m_context.ClientSupportedVersions, ProtocolVersion.TLSv13)
            ? ProtocolVersion.TLSv13
            : throw Refuse(AlertDescription.protocol_version, "the peer does not offer TLS 1.3");

    /// <summary>
    /// Replaces the base method, which parses unused extensions (certificate status, trusted authorities: ASN.1 from anyone on the network)
    /// and links megabytes of code for that.
    /// </summary>
    public override void ProcessClientExtensions(IDictionary<int, byte[]> clientExtensions)
    {
        m_clientExtensions = clientExtensions;
        var types = TlsExtensionsUtilities.GetServerCertificateTypeExtensionClient(clientExtensions);
        if (types is null || Array.IndexOf(types, CertificateType.RawPublicKey) < 0)
            throw Refuse(AlertDescription.unsupported_certificate, "the peer does not accept raw public keys");
    }

    public override int GetSelectedCipherSuite()
    {
        if (!Overlap(priority.CipherSuites, m_offeredCipherSuites))
            throw Refuse(AlertDescription.handshake_failure, "no common cipher suite");
        if (!Overlap(priority.Groups, PeersGroups))
            throw Refuse(AlertDescription.handshake_failure, "no common group for the key exchange");
        return base.GetSelectedCipherSuite();
    }

    public override TlsCredentials GetCredentials()
    {
        var offered = m_context.SecurityParameters.ClientSigAlgs;
        foreach (var scheme in keys.SignatureSchemes)
        {
            var algorithm = SignatureScheme.GetSignatureAndHashAlgorithm(scheme);
            if (Array.IndexOf(priority.SignatureSchemes, scheme) >= 0 && offered.Contains(algorithm))
                return new DefaultTlsCredentialedSigner(
                    new TlsCryptoParameters(m_context), new HandshakeSigner(keys), OurKey(), algorithm);
        }
        throw Refuse(AlertDescription.handshake_failure, $"the peer does not accept signatures of our key type ({keys.Algorithm})");
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Negotiated = Negotiated.From(m_context.SecurityParameters);
    }

    private const int Ranks = 3;

    private int[] PeersGroups => m_context.SecurityParameters.ClientSupportedGroups ?? [];

    private int Rank(int group) =>
        Array.IndexOf(PeersGroups, group) < 0 ? 2
        : group == NamedGroup.X25519MLKEM768 || HasShare(group) ? 0
        : 1;

    private bool HasShare(int group)
    {
        foreach (var share in _shares)
        {
            if (share.NamedGroup == group)
                return true;
        }
        return false;
    }

    private static bool Overlap(int[] ours, int[] theirs) => Array.Exists(ours, one => Array.IndexOf(theirs, one) >= 0);

    private Certificate OurKey() => new(CertificateType.RawPublicKey, certificateRequestContext: [],
        [new CertificateEntry(new RawKeyCertificate(keys.SubjectPublicKeyInfo.ToArray()), extensions: null)]);

    private TlsFatalAlert Refuse(short alert, string objection)
    {
        _objection = objection;
        return new(alert);
    }
}
