using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.X509;

namespace Mandos.Keygen.Keys;

/// <summary>A TLS key pair, as written to its two files.</summary>
internal sealed record TlsKeys(SecretBuffer PrivatePem, SecretBuffer PublicPem, KeyId KeyId) : IDisposable
{
    public void Dispose()
    {
        PrivatePem.Dispose();
        PublicPem.Dispose();
    }
}

/// <summary>Creates TLS keys: PKCS #8 (RFC 5208) and SubjectPublicKeyInfo in PEM, like certtool.</summary>
internal static class TlsKeyMaker
{
    /// <summary>The length of an RSA key.</summary>
    public const int RsaBits = 4096;

    public static TlsKeys Make(TlsKeyType type)
    {
        var pair = type switch
        {
            TlsKeyType.Ed25519 => KeyPairs.Ed25519(),
            TlsKeyType.Ed448 => KeyPairs.Ed448(),
            TlsKeyType.EcdsaP256 => KeyPairs.Ecdsa(SecObjectIdentifiers.SecP256r1),
            TlsKeyType.EcdsaP384 => KeyPairs.Ecdsa(SecObjectIdentifiers.SecP384r1),
            TlsKeyType.EcdsaP521 => KeyPairs.Ecdsa(SecObjectIdentifiers.SecP521r1),
            _ => KeyPairs.Rsa(RsaBits),
        };
        var spki = SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(pair.Public).GetDerEncoded();
        var pkcs8 = Pkcs8(pair.Private);
        try
        {
            return new(Pem.Encode("PRIVATE KEY", pkcs8), Pem.Encode("PUBLIC KEY", spki), KeyId.FromSubjectPublicKeyInfo(spki));
        }
        finally
        {
            SecretBuffer.Wipe(pkcs8);
        }
    }

    // Version 0 without the public key, which every reader supports.
    private static byte[] Pkcs8(AsymmetricKeyParameter key)
    {
        var info = PrivateKeyInfoFactory.CreatePrivateKeyInfo(key);
        if (info.PublicKey is not null)
            info = new PrivateKeyInfo(info.PrivateKeyAlgorithm, Asn1Object.FromByteArray(info.PrivateKey.GetOctets()));
        return info.GetDerEncoded();
    }
}
