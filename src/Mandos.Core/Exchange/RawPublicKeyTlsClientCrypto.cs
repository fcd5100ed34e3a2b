using Mandos.Core.Keys;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Core.Exchange;

/// <summary>BouncyCastle's cryptography, but peer keys that <see cref="PublicKeyRules"/> do not allow never reach it.</summary>
internal sealed class RawPublicKeyTlsClientCrypto(int rsaBits) : BcTlsCrypto(KernelRandom.Create())
{
    public override TlsCertificate CreateCertificate(short type, byte[] encoding)
    {
        if (type != CertificateType.RawPublicKey)
            throw new TlsFatalAlert(AlertDescription.unsupported_certificate,
                new KeyFormatException("a certificate instead of a raw public key"));
        try
        {
            PublicKeyRules.Check(encoding, rsaBits);
        }
        catch (KeyFormatException e)
        {
            throw new TlsFatalAlert(AlertDescription.bad_certificate, e);
        }
        return new PeerKey(this, encoding);
    }

    public override TlsECDomain CreateECDomain(TlsECConfig ecConfig) =>
        NistCurveNames.FromGroup(ecConfig.NamedGroup) is { } curve
            ? new UncompressedShares(this, ecConfig, curve)
            : base.CreateECDomain(ecConfig);

    public override TlsKemDomain CreateKemDomain(TlsKemConfig kemConfig) => new SizedCiphertexts(this, kemConfig);

    /// <summary>TLS 1.3 has only one form of a point (RFC 8446, 4.2.8.2); the base class accepts others too.</summary>
    private sealed class UncompressedShares(BcTlsCrypto crypto, TlsECConfig config, NistCurveName curve) : BcTlsECDomain(crypto, config)
    {
        public override ECPoint DecodePoint(byte[] encoding) =>
            NistCurveNames.IsUncompressed(encoding, curve)
                ? base.DecodePoint(encoding)
                : throw new TlsFatalAlert(AlertDescription.illegal_parameter);
    }

    /// <summary>The base class reports a ciphertext of a wrong length as an internal error.</summary>
    private sealed class SizedCiphertexts(BcTlsCrypto crypto, TlsKemConfig config) : BcTlsMLKemDomain(crypto, config)
    {
        public override BcTlsSecret Decapsulate(MLKemPrivateKeyParameters privateKey, byte[] ciphertext) =>
            ciphertext.Length == m_domainParameters.ParameterSet.EncapsulationLength
                ? base.Decapsulate(privateKey, ciphertext)
                : throw new TlsFatalAlert(AlertDescription.illegal_parameter);
    }
}
