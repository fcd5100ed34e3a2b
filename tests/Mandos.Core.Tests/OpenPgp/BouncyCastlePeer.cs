using Mandos.Core.OpenPgp.Keys;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Mandos.Core.Tests.OpenPgp;

/// <summary>A key pair, and messages to and by it, all made by BouncyCastle's own OpenPGP classes.</summary>
internal sealed class BouncyCastlePeer
{
    private static readonly SecureRandom Random = new();
    private static readonly DateTime Created = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly PgpSecretKeyRing _secret;
    private readonly PgpPublicKeyRing _public;

    private BouncyCastlePeer(PgpKeyPair primary, PgpKeyPair subkey)
    {
        var generator = new PgpKeyRingGenerator(
            PgpSignature.PositiveCertification, primary, "peer", SymmetricKeyAlgorithmTag.Null, HashAlgorithmTag.Sha256,
            Array.Empty<char>(), useSha1: false, null, null, Random);
        generator.AddSubKey(subkey, HashAlgorithmTag.Sha256);
        _secret = generator.GenerateSecretKeyRing();
        _public = generator.GeneratePublicKeyRing();
    }

    public static BouncyCastlePeer Rsa { get; } = new(
        new(PublicKeyAlgorithmTag.RsaGeneral, Generate(new RsaKeyPairGenerator(), RsaParameters), Created),
        new(PublicKeyAlgorithmTag.RsaGeneral, Generate(new RsaKeyPairGenerator(), RsaParameters), Created));

    public static BouncyCastlePeer Curve25519 { get; } = new(
        new(PublicKeyAlgorithmTag.EdDsa_Legacy, Generate(new Ed25519KeyPairGenerator(), new(Random, 255)), Created),
        new(PublicKeyAlgorithmTag.ECDH, Generate(new X25519KeyPairGenerator(), new(Random, 255)), Created));

    /// <summary>Another key holder.</summary>
    public static BouncyCastlePeer OtherKey { get; } = new(
        new(PublicKeyAlgorithmTag.EdDsa_Legacy, Generate(new Ed25519KeyPairGenerator(), new(Random, 255)), Created),
        new(PublicKeyAlgorithmTag.ECDH, Generate(new X25519KeyPairGenerator(), new(Random, 255)), Created));

    /// <summary>ECDSA and ECDH on a curve with that name in BouncyCastle's tables.</summary>
    public static BouncyCastlePeer OnCurve(string name)
    {
        var parameters = new ECKeyGenerationParameters(ECNamedCurveTable.GetOid(name), Random);
        return new(
            new(PublicKeyAlgorithmTag.ECDsa, Generate(new ECKeyPairGenerator("ECDSA"), parameters), Created),
            new(PublicKeyAlgorithmTag.ECDH, Generate(new ECKeyPairGenerator("ECDH"), parameters), Created));
    }

    public SecretKeyRing SecretKeys => SecretKeyRing.Parse(_secret.GetEncoded());

    public PublicKeyRing PublicKeys => PublicKeyRing.Parse(_public.GetEncoded());

    public byte[] SecretBytes => _secret.GetEncoded();

    public byte[] PublicBytes => _public.GetEncoded();

    public PgpPublicKey EncryptionKey => _public.GetPublicKeys().Last();

    private PgpSecretKey SigningKey => _secret.GetSecretKey();

    private static RsaKeyGenerationParameters RsaParameters => new(BigInteger.ValueOf(65537), Random, 2048, 100);

    /// <summary>Packets of any kind, encrypted to this and other keys.</summary>
    public byte[] Encrypt(
        byte[] packets, SymmetricKeyAlgorithmTag cipher = SymmetricKeyAlgorithmTag.Aes256, bool integrity = true, int partLength = 0,
        params PgpPublicKey[] alsoTo)
    {
        var generator = new PgpEncryptedDataGenerator(cipher, integrity, Random);
        generator.AddMethod(EncryptionKey);
        foreach (var other in alsoTo)
            generator.AddMethod(other);
        using var message = new MemoryStream();
        using (var body = partLength > 0 ? generator.Open(message, new byte[partLength]) : generator.Open(message, packets.Length))
            body.Write(packets);
        return message.ToArray();
    }

    public static byte[] Compress(byte[] packets, CompressionAlgorithmTag algorithm)
    {
        using var output = new MemoryStream();
        var generator = new PgpCompressedDataGenerator(algorithm);
        using (var body = generator.Open(output))
            body.Write(packets);
        return output.ToArray();
    }

    public static byte[] Literal(byte[] data, char format = PgpLiteralData.Binary, int partLength = 0)
    {
        using var output = new MemoryStream();
        var generator = new PgpLiteralDataGenerator();
        using (var body = partLength > 0
            ? generator.Open(output, format, "name", Created, new byte[partLength])
            : generator.Open(output, format, "name", data.Length, Created))
        {
            body.Write(data);
        }

        return output.ToArray();
    }

    /// <summary>One-pass signature, literal, signature.</summary>
    public byte[] Sign(
        byte[] data, HashAlgorithmTag hash = HashAlgorithmTag.Sha512, int type = PgpSignature.BinaryDocument, int partLength = 0)
    {
        var key = SigningKey;
        var generator = new PgpSignatureGenerator(key.PublicKey.Algorithm, hash);
        generator.InitSign(type, key.ExtractPrivateKey(Array.Empty<char>()));
        var subpackets = new PgpSignatureSubpacketGenerator();
        subpackets.SetIssuerKeyID(false, key.KeyId);
        generator.SetUnhashedSubpackets(subpackets.Generate());
        generator.Update(data);
        var onePass = generator.GenerateOnePassVersion(false).GetEncoded();
        return [.. onePass, .. Literal(data, partLength: partLength), .. generator.Generate().GetEncoded()];
    }

    /// <summary>What BouncyCastle itself makes of a message.</summary>
    public byte[] Decrypt(byte[] message)
    {
        var list = (PgpEncryptedDataList)new PgpObjectFactory(message).NextPgpObject();
        var data = list.GetEncryptedDataObjects().OfType<PgpPublicKeyEncryptedData>().First(d => d.KeyId == EncryptionKey.KeyId);
        var key = _secret.GetSecretKey(EncryptionKey.KeyId).ExtractPrivateKey(Array.Empty<char>());
        var factory = new PgpObjectFactory(data.GetDataStream(key));
        for (var next = factory.NextPgpObject(); ; next = factory.NextPgpObject())
        {
            if (next is PgpCompressedData compressed)
                factory = new PgpObjectFactory(compressed.GetDataStream());
            else if (next is PgpLiteralData literal)
            {
                using var output = new MemoryStream();
                literal.GetInputStream().CopyTo(output);
                return output.ToArray();
            }
        }
    }

    private static AsymmetricCipherKeyPair Generate(IAsymmetricCipherKeyPairGenerator generator, KeyGenerationParameters parameters)
    {
        generator.Init(parameters);
        return generator.GenerateKeyPair();
    }
}
