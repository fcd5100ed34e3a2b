using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>Our own raw public key in place of a certificate (RFC 7250); it is only sent.</summary>
internal sealed class RawKeyCertificate(byte[] subjectPublicKeyInfo) : TlsCertificate
{
    public byte[] GetEncoded() => subjectPublicKeyInfo;

    public BigInteger SerialNumber => throw NotForOurs();

    public string SigAlgOid => throw NotForOurs();

    public TlsCertificate CheckUsageInRole(int tlsCertificateRole) => throw NotForOurs();

    public TlsEncryptor CreateEncryptor(int tlsCertificateRole) => throw NotForOurs();

    public TlsVerifier CreateVerifier(short signatureAlgorithm) => throw NotForOurs();

    public Tls13Verifier CreateVerifier(int signatureScheme) => throw NotForOurs();

    public byte[] GetExtension(DerObjectIdentifier extensionOid) => throw NotForOurs();

    public short GetLegacySignatureAlgorithm() => throw NotForOurs();

    public Asn1Encodable GetSigAlgParams() => throw NotForOurs();

    public bool SupportsSignatureAlgorithm(short signatureAlgorithm) => throw NotForOurs();

    public bool SupportsSignatureAlgorithmCA(short signatureAlgorithm) => throw NotForOurs();

    private static TlsFatalAlert NotForOurs() => new(AlertDescription.internal_error);
}
