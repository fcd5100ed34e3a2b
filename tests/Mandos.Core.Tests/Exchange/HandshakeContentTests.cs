using Mandos.Core.Exchange;
using Mandos.Core.Tests.Keys;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Core.Tests.Exchange;

/// <summary>What the boot side puts into its handshake, as a peer that offers what the original's server offers sees it.</summary>
public sealed class HandshakeContentTests
{
    [Fact]
    public void The_raw_public_key_is_the_only_response_to_the_originals_extensions()
    {
        var peer = new Witness();
        using var keys = GeneratedKeys.Ed25519.Parse();
        InMemory.Connect(keys, peer);
        var answer = Assert.Single(peer.Extensions);
        Assert.Equal(ExtensionType.server_certificate_type, answer.Key);
        Assert.Equal([(byte)CertificateType.RawPublicKey], answer.Value);
        Assert.Equal(keys.SubjectPublicKeyInfo.ToArray(), peer.Key);
    }

    [Fact]
    public void No_certificate_is_requested_and_no_ticket_is_sent()
    {
        var peer = new Witness();
        using var keys = GeneratedKeys.Ed25519.Parse();
        var (boot, server) = InMemory.Connect(keys, peer);
        Assert.Equal(0, InMemory.Move(boot, server));
        Assert.False(peer.AskedForCertificate);
        Assert.False(peer.GotTicket);
    }

    [Fact]
    public void What_was_decrypted_is_wiped()
    {
        using var keys = GeneratedKeys.Ed25519.Parse();
        var (boot, server) = InMemory.Connect(keys, new Witness());
        server.WriteApplicationData("correct horse battery staple"u8.ToArray(), 0, 28);
        InMemory.Move(server, boot);
        Assert.Equal(28, boot.ReadApplicationData(new byte[100], 0, 28));
        Assert.True(PlaintextQueue.BufferOf(boot).AsSpan().IndexOf("correct horse"u8) >= 0, "BouncyCastle leaves nothing behind any more");
        PlaintextQueue.Wipe(boot);
        Assert.True(PlaintextQueue.BufferOf(boot).AsSpan().IndexOfAnyExcept((byte)0) < 0);
    }

    private sealed class Witness() : AbstractTlsClient(new BcTlsCrypto()), TlsAuthentication
    {
        public IDictionary<int, byte[]> Extensions { get; private set; } = new Dictionary<int, byte[]>();

        public byte[] Key { get; private set; } = [];

        public bool AskedForCertificate { get; private set; }

        public bool GotTicket { get; private set; }

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.Only();

        protected override int[] GetSupportedCipherSuites() => TlsPriority.Default.CipherSuites;

        // As the original: secp256r1 first, a share for it and for X25519, and a wish for OCSP.
        protected override IList<int> GetSupportedGroups(IList<int> namedGroupRoles) =>
            [NamedGroup.secp256r1, NamedGroup.secp384r1, NamedGroup.x25519];

        public override IList<int> GetEarlyKeyShareGroups() => [NamedGroup.secp256r1, NamedGroup.x25519];

        protected override short[] GetAllowedServerCertificateTypes() => [CertificateType.RawPublicKey];

        public override void ProcessServerExtensions(IDictionary<int, byte[]> serverExtensions)
        {
            Extensions = serverExtensions;
            base.ProcessServerExtensions(serverExtensions);
        }

        public override TlsAuthentication GetAuthentication() => this;

        public void NotifyServerCertificate(TlsServerCertificate serverCertificate) =>
            Key = serverCertificate.Certificate.GetCertificateAt(0).GetEncoded();

        public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest)
        {
            AskedForCertificate = true;
            return null;
        }

        public override void NotifyNewSessionTicket(NewSessionTicket newSessionTicket) => GotTicket = true;
    }
}
