using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Mandos.Core.Keys;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Core.Tests.Keys;

public sealed class TlsKeyPairTests
{
    [Theory]
    [MemberData(nameof(GeneratedKeys.Kinds), MemberType = typeof(GeneratedKeys))]
    public void A_signature_of_each_scheme_of_each_kind_verifies_with_BouncyCastle(string kind)
    {
        using var keys = GeneratedKeys.Of(kind).Parse();
        Assert.NotEmpty(keys.SignatureSchemes);
        foreach (var scheme in keys.SignatureSchemes)
        {
            var signature = keys.Sign(scheme, "the handshake so far"u8);
            Assert.True(Verifies(keys, scheme, "the handshake so far"u8.ToArray(), signature), $"scheme {scheme:x4}");
            Assert.False(Verifies(keys, scheme, "another handshake"u8.ToArray(), signature), $"scheme {scheme:x4}");
        }
    }

    [Fact]
    public void Signatures_of_messages_of_any_length_verify()
    {
        using var keys = GeneratedKeys.P256.Parse();
        Gen.Byte.Array[0, 300].Sample(message =>
            Verifies(keys, SignatureScheme.ecdsa_secp256r1_sha256, message,
                keys.Sign(SignatureScheme.ecdsa_secp256r1_sha256, message)), iter: 30);
    }

    [Fact]
    public void The_private_key_of_the_original_matches_its_public_key()
    {
        using var keys = TlsKeyPair.Parse(Golden.Bytes("keys/tls-pubkey.pem"), Golden.Bytes("keys/tls-privkey.pem"));
        Assert.Equal("d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23", keys.KeyId.ToString());
        Assert.Equal("Ed25519", keys.Algorithm);
    }

    [Fact]
    public void The_keys_of_the_newer_original_can_be_read()
    {
        using var keys = TlsKeyPair.Parse(
            Golden.Bytes("openpgp/mandos-1.8.19-tls-pubkey.pem"), Golden.Bytes("openpgp/mandos-1.8.19-tls-privkey.pem"));
        Assert.Equal("Ed25519", keys.Algorithm);
    }

    public static TheoryData<string, string> KeyIds()
    {
        var vectors = new TheoryData<string, string>();
        foreach (var line in File.ReadLines(Golden.Path("key_id-vectors.tsv")).Skip(1))
        {
            var fields = line.Split('\t');
            vectors.Add(fields[1], fields[2]);
        }
        return vectors;
    }

    [Theory]
    [MemberData(nameof(KeyIds))]
    public void Key_IDs_and_keys_of_the_original_are_accepted(string keyId, string spki)
    {
        var der = Convert.FromHexString(spki);
        Assert.Equal(keyId, KeyId.FromSubjectPublicKeyInfo(der).ToString());
        PublicKeyRules.Check(der, 4096);
    }

    [Fact]
    public void The_public_key_is_kept_byte_for_byte() =>
        Assert.Equal(GeneratedKeys.Der(GeneratedKeys.P384.PublicPem), GeneratedKeys.P384.Parse().SubjectPublicKeyInfo.ToArray());

    [Theory]
    [InlineData("Ed25519", "Ed25519")]
    [InlineData("Ed448", "Ed448")]
    [InlineData("P256", "ECDSA P-256")]
    [InlineData("Rsa2048", "RSA-2048")]
    [InlineData("Rsa2050", "RSA-2050")]
    [InlineData("RsaPss", "RSA-PSS-2048")]
    public void A_key_has_a_readable_name(string kind, string name) => Assert.Equal(name, GeneratedKeys.Of(kind).Parse().Algorithm);

    [Fact]
    public void Text_around_the_block_is_skipped()
    {
        var keys = GeneratedKeys.Ed25519;
        using var parsed = TlsKeyPair.Parse(
            Encoding.ASCII.GetBytes("Public Key Info:\r\n\tkey size: 256\n\n" + keys.PublicPem.ReplaceLineEndings("\r\n") + "\nbye\n"),
            Encoding.ASCII.GetBytes("Private Key:\n\n" + keys.PrivatePem));
        Assert.Equal("Ed25519", parsed.Algorithm);
    }

    [Theory]
    [MemberData(nameof(GeneratedKeys.Kinds), MemberType = typeof(GeneratedKeys))]
    public void Public_and_private_keys_that_do_not_match_are_refused(string kind)
    {
        var stranger = kind switch
        {
            "Ed25519" => File.ReadAllText(Golden.Path("keys/tls-pubkey.pem")),
            "Ed448" => File.ReadAllText(Golden.Path("keys/extra-ed448-pub.pem")),
            "P256" => File.ReadAllText(Golden.Path("keys/extra-p256-pub.pem")),
            "P384" => File.ReadAllText(Golden.Path("keys/extra-p384-pub.pem")),
            "P521" => File.ReadAllText(Golden.Path("keys/extra-p521-pub.pem")),
            "RsaPss" => File.ReadAllText(Golden.Path("keys/extra-rsapss3072-pub.pem")),
            _ => File.ReadAllText(Golden.Path("keys/extra-rsa2048-pub.pem")),
        };
        AssertRefused(stranger, GeneratedKeys.Of(kind).PrivatePem, "the public and the private key do not match");
    }

    [Fact]
    public void Public_and_private_keys_of_different_types_are_refused_and_both_types_reported() =>
        AssertRefused(GeneratedKeys.Ed25519.PublicPem, GeneratedKeys.P256.PrivatePem,
            "the public key is Ed25519, the private key ECDSA P-256: they do not match");

    [Fact]
    public void A_private_key_with_a_passphrase_is_refused_with_that_reason()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportEncryptedPkcs8PrivateKeyPem("x", new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1));
        AssertRefused(
            key.ExportSubjectPublicKeyInfoPem(), pem, "the private key is protected by a passphrase, which cannot be entered at boot");
    }

    [Fact]
    public void A_private_key_in_place_of_the_public_key_is_reported() =>
        AssertRefused(
            GeneratedKeys.Ed25519.PrivatePem, GeneratedKeys.Ed25519.PrivatePem, "a block \"PRIVATE KEY\" instead of \"PUBLIC KEY\"");

    [Theory]
    [InlineData("", "no PEM block \"PUBLIC KEY\"")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA", "no end of the block \"PUBLIC KEY\"; the file is truncated")]
    [InlineData("-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----", "the block \"PUBLIC KEY\" is not base64")]
    [InlineData("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "the block \"PUBLIC KEY\" is not base64")]
    public void A_file_that_is_not_a_key_is_refused(string publicPem, string message) =>
        AssertRefused(publicPem, GeneratedKeys.Ed25519.PrivatePem, message);

    [Fact]
    public void A_short_RSA_key_is_refused()
    {
        using var rsa = RSA.Create(1024);
        AssertRefused(rsa.ExportSubjectPublicKeyInfoPem(), rsa.ExportPkcs8PrivateKeyPem(),
            "an RSA key of 1024 bits; 2048 to 16384 are supported");
    }

    [Fact]
    public void An_unsupported_curve_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        AssertRefused(key.ExportSubjectPublicKeyInfoPem(), key.ExportPkcs8PrivateKeyPem(),
            "a key on an unsupported curve (P-256, P-384 and P-521 are supported)");
    }

    [Theory]
    [MemberData(nameof(GeneratedKeys.Kinds), MemberType = typeof(GeneratedKeys))]
    public void A_damaged_key_is_refused_or_still_matches_and_nothing_else_is_thrown(string kind)
    {
        var keys = GeneratedKeys.Of(kind);
        var privateDer = GeneratedKeys.Der(keys.PrivatePem);
        // A flipped bit may fall into what is not looked at (an attribute, a copy of the public key, a prime's exponent).
        Gen.Select(Gen.Int[0, privateDer.Length - 1], Gen.Int[0, 7], Gen.Int[0, privateDer.Length]).Sample((at, bit, length) =>
        {
            var flipped = privateDer.ToArray();
            flipped[at] ^= (byte)(1 << bit);
            AssertReadOrRefused(keys, flipped);
            AssertReadOrRefused(keys, privateDer[..length]);
        }, iter: 100);
    }

    private static void AssertReadOrRefused(GeneratedKeys keys, byte[] privateDer)
    {
        try
        {
            using var parsed = TlsKeyPair.Parse(
                keys.PublicBytes, Encoding.ASCII.GetBytes(PemEncoding.WriteString("PRIVATE KEY", privateDer)));
            var scheme = parsed.SignatureSchemes[0];
            Assert.True(Verifies(parsed, scheme, [1], parsed.Sign(scheme, [1])));
        }
        catch (KeyFormatException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }

    private static void AssertRefused(string publicPem, string privatePem, string message) =>
        Assert.Equal(message, Assert.Throws<KeyFormatException>(() =>
            TlsKeyPair.Parse(Encoding.ASCII.GetBytes(publicPem), Encoding.ASCII.GetBytes(privatePem))).Message);

    private static bool Verifies(TlsKeyPair keys, int scheme, byte[] message, byte[] signature)
    {
        var verifier = new BcTlsRawKeyCertificate(new BcTlsCrypto(), keys.SubjectPublicKeyInfo.ToArray()).CreateVerifier(scheme);
        verifier.Stream.Write(message);
        return verifier.VerifySignature(signature);
    }
}
