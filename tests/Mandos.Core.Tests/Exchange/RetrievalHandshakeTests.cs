using System.Net.Sockets;
using System.Text;
using CsCheck;
using Mandos.Core.Exchange;
using Microsoft.Extensions.Time.Testing;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Core.Tests.Exchange;

/// <summary>The boot side against servers that fail, lie or wait during the handshake.</summary>
public sealed class RetrievalHandshakeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("16")]
    [InlineData("16030100ff0100")]
    public async Task A_server_that_stalls_in_the_handshake_times_out(string start)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var time = new FakeTimeProvider();
        var retrieval = Ends.RetrieveAsync(pair.Client, time: time, limits: new() { Handshake = TimeSpan.FromSeconds(10) });
        await pair.Server.SendAsync(Convert.FromHexString(start), Ends.Ct);
        time.Advance(TimeSpan.FromSeconds(9.9));
        await Task.Delay(50, Ends.Ct);
        Assert.False(retrieval.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.TimedOut, result.Outcome);
        Assert.Equal("no handshake within 10 s", result.Detail);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    [InlineData("S")]
    public async Task Data_other_than_TLS_is_reported_at_once(string bytes) =>
        await AssertHandshakeFailsAsync(Encoding.ASCII.GetBytes(bytes), "the peer's data is not TLS");

    [Fact]
    public async Task A_record_whose_header_gives_too_large_a_length_is_refused() =>
        await AssertHandshakeFailsAsync([0x16, 3, 1, 0xFF, 0xFF], "a record is too long (record_overflow)");

    [Fact]
    public async Task An_alert_in_the_handshake_is_reported_by_name() =>
        await AssertHandshakeFailsAsync([0x15, 3, 3, 0, 2, 2, 40], "the peer sent the alert handshake_failure");

    [Fact]
    public async Task A_connection_closed_during_the_handshake_is_reported()
    {
        using var pair = await LoopbackPair.OpenAsync();
        pair.Server.Shutdown(SocketShutdown.Send);
        using var result = await Ends.RetrieveAsync(pair.Client);
        Assert.Equal(RetrievalOutcome.HandshakeFailed, result.Outcome);
        Assert.Equal("the peer closed the connection during the handshake", result.Detail);
    }

    [Fact]
    public async Task A_reset_during_the_handshake_is_a_lost_connection()
    {
        using var pair = await LoopbackPair.OpenAsync();
        pair.Server.Close(0);
        using var result = await Ends.RetrieveAsync(pair.Client);
        Assert.Equal(RetrievalOutcome.ConnectionLost, result.Outcome);
    }

    /// <summary>A ClientHello of 2999 bytes in crumbs of one byte; user_canceled, again and again.</summary>
    [Theory]
    [InlineData("160303000401000bb7", "160303000100", "the peer sent more than 3000 bytes before the handshake was complete")]
    [InlineData("", "1503030002015a", "the peer sends more than 5 warnings")]
    public async Task A_flood_before_the_end_of_the_handshake_aborts_it(string first, string again, string detail)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var retrieval = Ends.RetrieveAsync(pair.Client, limits: Ends.Patient with { HandshakeBytes = 3000 });
        await pair.Server.SendAsync(
            (byte[])[.. Convert.FromHexString(first), .. Enumerable.Repeat(Convert.FromHexString(again), 1000).SelectMany(b => b)],
            Ends.Ct);
        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.HandshakeFailed, result.Outcome);
        Assert.Equal(detail, result.Detail);
    }

    [Fact]
    public async Task A_peer_without_TLS_1_3_gets_an_alert() => await AssertRefusedAsync(
        new OddClient { Versions = ProtocolVersion.TLSv12.Only() }, "the peer does not offer TLS 1.3", AlertDescription.protocol_version);

    [Fact]
    public async Task A_peer_that_accepts_only_X_509_gets_an_alert() => await AssertRefusedAsync(
        new OddClient { Types = null }, "the peer does not accept raw public keys", AlertDescription.unsupported_certificate);

    [Fact]
    public async Task A_peer_without_a_common_cipher_suite_gets_an_alert() => await AssertRefusedAsync(
        new OddClient { Suites = [CipherSuite.TLS_AES_128_CCM_8_SHA256] }, "no common cipher suite", AlertDescription.handshake_failure);

    [Fact]
    public async Task A_peer_without_a_common_group_gets_an_alert() => await AssertRefusedAsync(
        new OddClient { Groups = [NamedGroup.ffdhe2048] }, "no common group for the key exchange", AlertDescription.handshake_failure);

    [Fact]
    public async Task A_peer_that_cannot_verify_our_key_type_gets_an_alert() => await AssertRefusedAsync(
        new OddClient { Schemes = [SignatureScheme.ecdsa_secp256r1_sha256] },
        "the peer does not accept signatures of our key type (Ed25519)", AlertDescription.handshake_failure);

    [Fact]
    public async Task Damaged_handshakes_of_the_original_give_an_outcome_and_never_an_exception()
    {
        var hello = Recording.Of("x25519").TlsClientBytes;
        await Gen.Select(Gen.Int[0, hello.Length - 1], Gen.Byte, Gen.Int[0, hello.Length]).SampleAsync(async (at, value, length) =>
        {
            var damaged = hello[..Math.Max(at + 1, length)];
            damaged[at] = value;
            using var pair = await LoopbackPair.OpenAsync();
            var retrieval = Ends.RetrieveAsync(pair.Client);
            await pair.Server.SendAsync(damaged, Ends.Ct);
            pair.Server.Shutdown(SocketShutdown.Send);
            using var result = await retrieval;
            Assert.True(result.Outcome is RetrievalOutcome.HandshakeFailed or RetrievalOutcome.ConnectionLost, result.Detail);
        }, iter: 200, threads: 1);
    }

    private static async Task AssertHandshakeFailsAsync(byte[] bytes, string detail)
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Server.SendAsync(bytes, Ends.Ct);
        using var result = await Ends.RetrieveAsync(pair.Client);
        Assert.Equal(RetrievalOutcome.HandshakeFailed, result.Outcome);
        Assert.Equal(detail, result.Detail);
    }

    /// <summary>Both sides must know why: we by the words, the peer by the alert.</summary>
    private static async Task AssertRefusedAsync(OddClient client, string detail, short alert)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var retrieval = Ends.RetrieveAsync(pair.Client);
        var peer = Task.Run(() =>
        {
            using var stream = new NetworkStream(pair.Server);
            stream.ReadExactly(new byte[3]);
            return Assert.Throws<TlsFatalAlertReceived>(() => new TlsClientProtocol(stream).Connect(client)).AlertDescription;
        }, Ends.Ct);
        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.HandshakeFailed, result.Outcome);
        Assert.Equal(detail, result.Detail);
        Assert.Equal(alert, await peer);
    }

    /// <summary>A TLS client that lacks something.</summary>
    private sealed class OddClient : AbstractTlsClient, TlsAuthentication
    {
        public OddClient()
            : base(new BcTlsCrypto())
        {
        }

        public ProtocolVersion[] Versions { get; init; } = ProtocolVersion.TLSv13.Only();

        public int[] Suites { get; init; } = [CipherSuite.TLS_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];

        public short[]? Types { get; init; } = [CertificateType.RawPublicKey];

        public int[] Groups { get; init; } = [NamedGroup.x25519];

        public int[] Schemes { get; init; } = [SignatureScheme.ed25519];

        protected override ProtocolVersion[] GetSupportedVersions() => Versions;

        protected override int[] GetSupportedCipherSuites() => Suites;

        protected override short[]? GetAllowedServerCertificateTypes() => Types;

        protected override IList<int> GetSupportedGroups(IList<int> namedGroupRoles) => Groups;

        protected override IList<SignatureAndHashAlgorithm> GetSupportedSignatureAlgorithms() =>
            [.. Schemes.Select(SignatureScheme.GetSignatureAndHashAlgorithm)];

        public override TlsAuthentication GetAuthentication() => this;

        public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) => null;

        public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
        {
        }
    }
}
