using Mandos.Core.Exchange;
using Mandos.Core.Tests.Keys;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Tests.Exchange;

/// <summary>Shares of X25519MLKEM768 that are too short or too long are the peer's fault, and the alert says so.</summary>
public sealed class HybridShareTests
{
    private const int Hybrid = NamedGroup.X25519MLKEM768;

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(1087)]
    [InlineData(1088)]
    [InlineData(1119)]
    [InlineData(1121)]
    public void The_server_refuses_an_answer_of_the_wrong_length(int length)
    {
        var client = new RawPublicKeyTlsClient(TlsPriority.Default, new());
        var server = new RawPublicKeyTlsClientProtocol(client.Bounds);
        server.Connect(client);
        var hello = Output(server);
        // Record 5, message 4, version 2, random 32.
        var session = hello[43..(44 + hello[43])];
        byte[] body = [3, 3, .. new byte[32], .. session, 0x13, 0x02, 0, .. Block(2, [
            .. Extension(ExtensionType.supported_versions, [3, 4]),
            .. Extension(ExtensionType.key_share, [.. Short(Hybrid), .. Block(2, new byte[length])])])];

        Assert.Equal(AlertDescription.illegal_parameter, Refusal(server, HandshakeType.server_hello, body));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(1183)]
    [InlineData(1184)]
    [InlineData(1215)]
    [InlineData(1217)]
    public void The_client_refuses_an_offer_of_the_wrong_length(int length)
    {
        using var keys = GeneratedKeys.Ed25519.Parse();
        var showing = new RawPublicKeyTlsServer(keys, TlsPriority.Default, 65536);
        var boot = new RawPublicKeyTlsServerProtocol(showing);
        boot.Accept(showing);
        byte[] body = [3, 3, .. new byte[32], 0, .. Block(2, [0x13, 0x02]), 1, 0, .. Block(2, [
            .. Extension(ExtensionType.supported_versions, [2, 3, 4]),
            .. Extension(ExtensionType.supported_groups, Block(2, Short(Hybrid))),
            .. Extension(ExtensionType.signature_algorithms, Block(2, Short(SignatureScheme.ed25519))),
            .. Extension(ExtensionType.server_certificate_type, [1, (byte)CertificateType.RawPublicKey]),
            .. Extension(ExtensionType.key_share, Block(2, [.. Short(Hybrid), .. Block(2, new byte[length])]))])];

        Assert.Equal(AlertDescription.illegal_parameter, Refusal(boot, HandshakeType.client_hello, body));
    }

    private static short Refusal(TlsProtocol protocol, short type, byte[] body)
    {
        byte[] record = [(byte)ContentType.handshake, 3, 3, .. Block(2, [(byte)type, .. Block(3, body)])];
        return Assert.Throws<TlsFatalAlert>(() => protocol.OfferInput(record)).AlertDescription;
    }

    private static byte[] Output(TlsProtocol protocol)
    {
        var bytes = new byte[protocol.GetAvailableOutputBytes()];
        protocol.ReadOutput(bytes, 0, bytes.Length);
        return bytes;
    }

    private static byte[] Extension(int type, byte[] content) => [.. Short(type), .. Block(2, content)];

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Block(int octets, byte[] content) =>
        [.. Enumerable.Range(1, octets).Select(i => (byte)(content.Length >> (8 * (octets - i)))), .. content];
}
