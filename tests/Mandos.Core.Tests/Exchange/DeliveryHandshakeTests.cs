using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using CsCheck;
using Mandos.Core.Exchange;
using Mandos.Core.Exchange.Crypto;
using Mandos.Core.Keys;
using Mandos.Core.Tests.Keys;
using Microsoft.Extensions.Time.Testing;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using CertificateRequest = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace Mandos.Core.Tests.Exchange;

/// <summary>The server side of the handshake against clients that lie, fail or wait.</summary>
public sealed class DeliveryHandshakeTests
{
    [Fact]
    public async Task A_client_that_signs_with_a_key_other_than_the_presented_one_is_refused()
    {
        using var shown = GeneratedKeys.P256.Parse();
        using var held = TlsKeyPair.Parse(
            System.Text.Encoding.ASCII.GetBytes(OtherP256.PublicPem), System.Text.Encoding.ASCII.GetBytes(OtherP256.PrivatePem));
        await AssertRefusedAsync(new LyingServer(shown.SubjectPublicKeyInfo.ToArray(), held),
            "the peer's signature or Finished message is wrong (decrypt_error)");
    }

    [Fact]
    public async Task A_client_that_presents_no_key_is_refused()
    {
        using var held = GeneratedKeys.P256.Parse();
        await AssertRefusedAsync(new LyingServer([], held), "the peer does not follow the protocol (decode_error)");
    }

    [Fact]
    public async Task A_client_that_presents_an_invalid_key_is_refused()
    {
        using var held = GeneratedKeys.P256.Parse();
        await AssertRefusedAsync(
            new LyingServer([0x30, 3, 2, 1, 1], held), "the peer's key: the key's DER data has tag 02 instead of 30");
    }

    [Fact]
    public async Task A_client_that_presents_two_keys_is_refused()
    {
        using var held = GeneratedKeys.P256.Parse();
        await AssertRefusedAsync(new LyingServer(held.SubjectPublicKeyInfo.ToArray(), held) { Copies = 2 },
            "the peer presents 2 keys instead of one");
    }

    [Fact]
    public async Task An_oversized_key_is_refused_before_it_is_used()
    {
        using var held = GeneratedKeys.P256.Parse();
        // 16384 bits of modulus.
        var numbers = Der(0x30, [.. Der(2, [1, .. new byte[2048]]), .. Der(2, [1, 0, 1])]);
        byte[] rsa = [0x30, 13, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 13, 1, 1, 1, 5, 0];
        await AssertRefusedAsync(new LyingServer(Der(0x30, [.. rsa, .. Der(3, [0, .. numbers])]), held),
            "the peer's key: an RSA key of 16385 bits (1024 to 4096 are accepted)");
    }

    [Fact]
    public async Task An_RSA_key_with_an_even_modulus_is_refused()
    {
        using var held = GeneratedKeys.P256.Parse();
        var numbers = Der(0x30, [.. Der(2, [1, .. new byte[256]]), .. Der(2, [1, 0, 1])]);
        byte[] rsa = [0x30, 13, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 13, 1, 1, 1, 5, 0];
        await AssertRefusedAsync(new LyingServer(Der(0x30, [.. rsa, .. Der(3, [0, .. numbers])]), held),
            "the peer's key: an RSA key with an even number");
    }

    /// <summary>RFC 8446, 4.2.3: in TLS 1.3 the scheme names the curve.</summary>
    [Theory]
    [InlineData("P256", SignatureScheme.ecdsa_secp384r1_sha384)]
    [InlineData("P256", SignatureScheme.ecdsa_secp521r1_sha512)]
    [InlineData("P384", SignatureScheme.ecdsa_secp256r1_sha256)]
    [InlineData("P521", SignatureScheme.ecdsa_secp256r1_sha256)]
    public async Task A_client_that_signs_with_the_scheme_of_another_curve_is_refused(string kind, int scheme)
    {
        using var held = GeneratedKeys.Of(kind).Parse();
        await AssertRefusedAsync(new LyingServer(held.SubjectPublicKeyInfo.ToArray(), held) { Scheme = scheme },
            $"the peer's key: an {held.Algorithm} key with a signature of another curve");
    }

    [Fact]
    public async Task A_large_curve_is_refused_unless_the_priority_string_allows_it()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var retrieval = Ends.RetrieveAsync(pair.Client, priority: Ends.Priority(TlsPriority.DefaultText + ":-GROUP-ALL:+GROUP-SECP521R1"));
        using var acceptance = await Ends.AcceptAsync(pair.Server, TlsPriority.ServerDefault);
        Assert.Equal("the peer sent the alert handshake_failure", acceptance.Detail);
        using var result = await retrieval;
        Assert.Equal("no common group for the key exchange", result.Detail);
    }

    [Fact]
    public async Task An_X_509_certificate_is_refused()
    {
        var result = await MeetOpenSslAsync(SslProtocols.Tls13);
        Assert.Equal(AcceptanceOutcome.HandshakeFailed, result.Outcome);
        Assert.Equal("the peer's key: a certificate instead of a raw public key", result.Detail);
    }

    [Fact]
    public async Task TLS_1_2_is_refused()
    {
        var result = await MeetOpenSslAsync(SslProtocols.Tls12);
        Assert.Equal(AcceptanceOutcome.HandshakeFailed, result.Outcome);
        Assert.Equal("the peer sent the alert protocol_version", result.Detail);
    }

    [Fact]
    public async Task The_alert_of_a_client_without_a_common_group_is_reported()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var retrieval = Ends.RetrieveAsync(pair.Client, priority: Ends.Priority(TlsPriority.DefaultText + ":-GROUP-ALL:+GROUP-X25519"));
        using var acceptance = await Ends.AcceptAsync(pair.Server, Ends.Priority(TlsPriority.DefaultText + ":-GROUP-X25519"));
        Assert.Equal(AcceptanceOutcome.HandshakeFailed, acceptance.Outcome);
        Assert.Equal("the peer sent the alert handshake_failure", acceptance.Detail);
        using var result = await retrieval;
        Assert.Equal("no common group for the key exchange", result.Detail);
    }

    [Fact]
    public async Task A_client_that_sends_nothing_after_its_greeting_times_out()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var time = new FakeTimeProvider();
        await pair.Client.SendAsync("1\r\n"u8.ToArray(), Ends.Ct);
        var acceptance = Ends.AcceptAsync(pair.Server, limits: new() { Handshake = TimeSpan.FromSeconds(4) }, time: time);
        // Our hello is the sign that the handshake's time runs.
        await pair.Client.ReceiveAsync(new byte[1], Ends.Ct);
        time.Advance(TimeSpan.FromSeconds(4.1));
        using var result = await acceptance;
        Assert.Equal(AcceptanceOutcome.TimedOut, result.Outcome);
        Assert.Equal("no handshake within 4 s", result.Detail);
    }

    [Fact]
    public async Task A_reset_by_the_client_during_the_handshake_is_a_lost_connection()
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync("1\r\n"u8.ToArray(), Ends.Ct);
        var acceptance = Ends.AcceptAsync(pair.Server);
        await pair.Client.ReceiveAsync(new byte[1], Ends.Ct);
        pair.Client.Close(0);
        using var result = await acceptance;
        Assert.Equal(AcceptanceOutcome.ConnectionLost, result.Outcome);
    }

    [Fact]
    public async Task Damaged_responses_give_an_outcome_and_never_an_exception()
    {
        var answer = Recording.Of("x25519").TlsServerBytes;
        await Gen.Select(Gen.Int[0, answer.Length - 1], Gen.Byte).SampleAsync(async (at, value) =>
        {
            var damaged = (byte[])answer.Clone();
            damaged[at] = value;
            using var pair = await LoopbackPair.OpenAsync();
            await pair.Client.SendAsync((byte[])[.. "1\r\n"u8, .. damaged], Ends.Ct);
            pair.Client.Shutdown(SocketShutdown.Send);
            using var acceptance = await Ends.AcceptAsync(pair.Server);
            Assert.True(acceptance.Outcome is AcceptanceOutcome.HandshakeFailed or AcceptanceOutcome.ConnectionLost, acceptance.Detail);
        }, iter: 200, threads: 1);
    }

    private static GeneratedKeys OtherP256 { get; } = NewP256();

    private static GeneratedKeys NewP256()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(key.ExportSubjectPublicKeyInfoPem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static byte[] Der(byte tag, byte[] content) =>
        content.Length < 128
            ? [tag, (byte)content.Length, .. content]
            : [tag, 0x82, (byte)(content.Length >> 8), (byte)content.Length, .. content];

    private static async Task AssertRefusedAsync(LyingServer server, string detail)
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync("1\r\n"u8.ToArray(), Ends.Ct);
        var peer = Task.Run(() =>
        {
            using var stream = new NetworkStream(pair.Client);
            Assert.ThrowsAny<IOException>(() => new TlsServerProtocol(stream).Accept(server));
        }, Ends.Ct);
        using var acceptance = await Ends.AcceptAsync(pair.Server);
        Assert.Equal(AcceptanceOutcome.HandshakeFailed, acceptance.Outcome);
        Assert.Equal(detail, acceptance.Detail);
        pair.Server.Close();
        await peer;
    }

    /// <summary>The system's TLS library in the place of the client.</summary>
    private static async Task<DeliveryAcceptance> MeetOpenSslAsync(SslProtocols protocols)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync("1\r\n"u8.ToArray(), Ends.Ct);
        await using var stream = new SslStream(new NetworkStream(pair.Client));
        var peer = stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            EnabledSslProtocols = protocols,
        }, Ends.Ct);
        var result = await Ends.AcceptAsync(pair.Server);
        pair.Server.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => peer);
        return result;
    }

    /// <summary>A TLS server that shows what it is told and signs with what it has.</summary>
    private sealed class LyingServer(byte[] shown, TlsKeyPair held) : AbstractTlsServer(new SlimTlsCrypto())
    {
        public int Copies { get; init; } = 1;

        /// <summary>The signature itself is one with the key's own scheme.</summary>
        public int Scheme { get; init; } = held.SignatureSchemes[0];

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.Only();

        protected override int[] GetSupportedCipherSuites() => [CipherSuite.TLS_AES_128_GCM_SHA256];

        public override int[] GetSupportedGroups() => [NamedGroup.x25519];

        public override TlsCredentials GetCredentials() => new DefaultTlsCredentialedSigner(
            new TlsCryptoParameters(m_context), new HandshakeSigner(held),
            new Certificate(CertificateType.RawPublicKey, [],
                [.. Enumerable.Repeat(new CertificateEntry(new RawKeyCertificate(shown), null), Copies)]),
            SignatureScheme.GetSignatureAndHashAlgorithm(Scheme));
    }
}
