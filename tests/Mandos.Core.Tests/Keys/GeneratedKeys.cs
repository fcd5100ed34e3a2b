using System.Security.Cryptography;
using System.Text;
using Mandos.Core.Keys;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using PrivateKeyInfo = Org.BouncyCastle.Asn1.Pkcs.PrivateKeyInfo;

namespace Mandos.Core.Tests.Keys;

/// <summary>PEM files of a fresh key pair of each kind, made by other code than the one under test.</summary>
internal sealed record GeneratedKeys(string PublicPem, string PrivatePem)
{
    public static GeneratedKeys Ed25519 { get; } = Edwards(new Ed25519KeyPairGenerator());

    public static GeneratedKeys Ed448 { get; } = Edwards(new Ed448KeyPairGenerator());

    public static GeneratedKeys P256 { get; } = NistCurve(ECCurve.NamedCurves.nistP256);

    public static GeneratedKeys P384 { get; } = NistCurve(ECCurve.NamedCurves.nistP384);

    public static GeneratedKeys P521 { get; } = NistCurve(ECCurve.NamedCurves.nistP521);

    public static GeneratedKeys Rsa2048 { get; } = Rsa(2048);

    /// <summary>A modulus whose length in bits is no multiple of 8.</summary>
    public static GeneratedKeys Rsa2050 { get; } = Rsa(2050);

    public static GeneratedKeys RsaPss { get; } = PssOf(Rsa(2048));

    public static TheoryData<string> Kinds { get; } =
        [nameof(Ed25519), nameof(Ed448), nameof(P256), nameof(P384), nameof(P521), nameof(Rsa2048), nameof(Rsa2050), nameof(RsaPss)];

    public static GeneratedKeys Of(string kind) => kind switch
    {
        nameof(Ed25519) => Ed25519,
        nameof(Ed448) => Ed448,
        nameof(P256) => P256,
        nameof(P384) => P384,
        nameof(P521) => P521,
        nameof(Rsa2048) => Rsa2048,
        nameof(Rsa2050) => Rsa2050,
        nameof(RsaPss) => RsaPss,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public byte[] PublicBytes => Encoding.ASCII.GetBytes(PublicPem);

    public byte[] PrivateBytes => Encoding.ASCII.GetBytes(PrivatePem);

    public TlsKeyPair Parse() => TlsKeyPair.Parse(PublicBytes, PrivateBytes);

    private static GeneratedKeys Edwards(IAsymmetricCipherKeyPairGenerator generator)
    {
        generator.Init(new KeyGenerationParameters(new SecureRandom(), 256));
        var pair = generator.GenerateKeyPair();
        return new(
            PemEncoding.WriteString("PUBLIC KEY", SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(pair.Public).GetDerEncoded()),
            PemEncoding.WriteString("PRIVATE KEY", PrivateKeyInfoFactory.CreatePrivateKeyInfo(pair.Private).GetDerEncoded()));
    }

    private static GeneratedKeys NistCurve(ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        return new(key.ExportSubjectPublicKeyInfoPem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static GeneratedKeys Rsa(int bits)
    {
        // System.Security.Cryptography takes multiples of 8 only.
        var generator = new RsaKeyPairGenerator();
        generator.Init(new KeyGenerationParameters(new SecureRandom(), bits));
        var pair = generator.GenerateKeyPair();
        return new(
            PemEncoding.WriteString("PUBLIC KEY", SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(pair.Public).GetDerEncoded()),
            PemEncoding.WriteString("PRIVATE KEY", PrivateKeyInfoFactory.CreatePrivateKeyInfo(pair.Private).GetDerEncoded()));
    }

    private static GeneratedKeys PssOf(GeneratedKeys rsa)
    {
        var pss = new AlgorithmIdentifier(PkcsObjectIdentifiers.IdRsassaPss);
        var spki = SubjectPublicKeyInfo.GetInstance(Asn1Object.FromByteArray(Der(rsa.PublicPem)));
        var pkcs8 = PrivateKeyInfo.GetInstance(Asn1Object.FromByteArray(Der(rsa.PrivatePem)));
        return new(
            PemEncoding.WriteString("PUBLIC KEY", new SubjectPublicKeyInfo(pss, spki.ParsePublicKey()).GetDerEncoded()),
            PemEncoding.WriteString("PRIVATE KEY", new PrivateKeyInfo(pss, pkcs8.ParsePrivateKey()).GetDerEncoded()));
    }

    public static byte[] Der(string pem)
    {
        var fields = PemEncoding.Find(pem);
        return Convert.FromBase64String(pem[fields.Base64Data]);
    }
}
