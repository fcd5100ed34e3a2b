using Mandos.Core.Keys;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>
/// The cryptography that TLS 1.3 with raw public keys needs on the side that presents a key. BouncyCastle's own <c>BcTlsCrypto</c> links
/// all curves, digests and ciphers into the boot executable (1.7 MB, and libssl). This class connects its primitives; calls for older TLS
/// versions and other roles are refused.
/// </summary>
internal sealed class SlimTlsCrypto : AbstractTlsCrypto
{
    public override SecureRandom SecureRandom { get; } = KernelRandom.Create();

    public override TlsNonceGenerator CreateNonceGenerator(byte[] additionalSeedMaterial) => new KernelRandom();

    public override TlsNonceGenerator CreateNonceGenerator(ReadOnlySpan<byte> additionalSeedMaterial) => new KernelRandom();

    public override TlsHash CreateHash(int cryptoHashAlgorithm) => new Sha2Hash(cryptoHashAlgorithm);

    public override TlsHmac CreateHmac(int macAlgorithm) => throw NotInTls13();

    public override TlsHmac CreateHmacForHash(int cryptoHashAlgorithm) => new Sha2Hmac(cryptoHashAlgorithm);

    public override TlsSecret CreateSecret(byte[] data) => new HkdfSecret(this, (byte[])data.Clone());

    public override TlsSecret HkdfInit(int cryptoHashAlgorithm) =>
        new HkdfSecret(this, new byte[TlsCryptoUtilities.GetHashOutputSize(cryptoHashAlgorithm)]);

    public override TlsSecret CreateHybridSecret(TlsSecret s1, TlsSecret s2) => HkdfSecret.Concatenate(this, s1, s2);

    public override TlsCipher CreateCipher(TlsCryptoParameters cryptoParams, int encryptionAlgorithm, int macAlgorithm) =>
        encryptionAlgorithm switch
        {
            EncryptionAlgorithm.AES_256_GCM => new TlsAeadCipher(cryptoParams, new AesGcmRecords(encrypts: true),
                new AesGcmRecords(encrypts: false), 32, 16, TlsAeadCipher.AEAD_GCM),
            EncryptionAlgorithm.AES_128_GCM => new TlsAeadCipher(cryptoParams, new AesGcmRecords(encrypts: true),
                new AesGcmRecords(encrypts: false), 16, 16, TlsAeadCipher.AEAD_GCM),
            EncryptionAlgorithm.AES_128_CCM => new TlsAeadCipher(cryptoParams, new AesCcmRecords(encrypts: true),
                new AesCcmRecords(encrypts: false), 16, 16, TlsAeadCipher.AEAD_CCM),
            EncryptionAlgorithm.CHACHA20_POLY1305 => new TlsAeadCipher(cryptoParams, new BcChaCha20Poly1305(true),
                new BcChaCha20Poly1305(false), 32, 16, TlsAeadCipher.AEAD_CHACHA20_POLY1305),
            _ => throw NotInTls13(),
        };

    public override TlsECDomain CreateECDomain(TlsECConfig ecConfig) => ecConfig.NamedGroup switch
    {
        NamedGroup.x25519 => new X25519Agreement(this),
        NamedGroup.secp256r1 => new NistAgreement(this, NistCurveName.P256),
        NamedGroup.secp384r1 => new NistAgreement(this, NistCurveName.P384),
        NamedGroup.secp521r1 => new NistAgreement(this, NistCurveName.P521),
        _ => throw NotInTls13(),
    };

    public override TlsKemDomain CreateKemDomain(TlsKemConfig kemConfig) =>
        kemConfig is { NamedGroup: NamedGroup.MLKEM768, IsServer: true }
            ? new MlKemEncapsulation(this)
            : throw NotInTls13();

    public override TlsCertificate CreateCertificate(short type, byte[] encoding) => throw NotInTls13();

    public override bool HasNamedGroup(int namedGroup) =>
        namedGroup is NamedGroup.X25519MLKEM768 or NamedGroup.MLKEM768 or NamedGroup.x25519
            or NamedGroup.secp256r1 or NamedGroup.secp384r1 or NamedGroup.secp521r1;

    public override bool HasECDHAgreement() => true;

    public override bool HasKemAgreement() => true;

    public override bool HasEncryptionAlgorithm(int encryptionAlgorithm) =>
        encryptionAlgorithm is EncryptionAlgorithm.AES_256_GCM or EncryptionAlgorithm.AES_128_GCM
            or EncryptionAlgorithm.AES_128_CCM or EncryptionAlgorithm.CHACHA20_POLY1305;

    public override bool HasCryptoHashAlgorithm(int cryptoHashAlgorithm) =>
        cryptoHashAlgorithm is CryptoHashAlgorithm.sha256 or CryptoHashAlgorithm.sha384;

    public override bool HasHkdfAlgorithm(int cryptoHashAlgorithm) => HasCryptoHashAlgorithm(cryptoHashAlgorithm);

    // The signing key knows its schemes; this side verifies no signatures.
    public override bool HasSignatureScheme(int signatureScheme) => true;

    public override bool HasSignatureAndHashAlgorithm(SignatureAndHashAlgorithm sigAndHashAlgorithm) => true;

    public override bool HasSignatureAlgorithm(short signatureAlgorithm) => true;

    public override bool HasCryptoSignatureAlgorithm(int cryptoSignatureAlgorithm) => true;

    public override bool HasAnyStreamVerifiers(IList<SignatureAndHashAlgorithm> signatureAndHashAlgorithms) => false;

    public override bool HasAnyStreamVerifiersLegacy(short[] clientCertificateTypes) => false;

    public override bool HasDHAgreement() => false;

    public override bool HasMacAlgorithm(int macAlgorithm) => false;

    public override bool HasRsaEncryption() => false;

    public override bool HasSrpAuthentication() => false;

    public override TlsDHDomain CreateDHDomain(TlsDHConfig dhConfig) => throw NotInTls13();

    public override TlsSrp6Client CreateSrp6Client(TlsSrpConfig srpConfig) => throw NotInTls13();

    public override TlsSrp6Server CreateSrp6Server(TlsSrpConfig srpConfig, BigInteger srpVerifier) => throw NotInTls13();

    public override TlsSrp6VerifierGenerator CreateSrp6VerifierGenerator(TlsSrpConfig srpConfig) => throw NotInTls13();

    public override TlsSecret GenerateRsaPreMasterSecret(ProtocolVersion clientVersion) => throw NotInTls13();

    private static TlsFatalAlert NotInTls13() => new(AlertDescription.internal_error);
}
