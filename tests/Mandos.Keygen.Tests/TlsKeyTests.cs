using System.Text;
using Mandos.Core.Keys;
using Mandos.Keygen.Keys;
using Mandos.Keygen.Passwords;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Utilities.IO.Pem;

namespace Mandos.Keygen.Tests;

public sealed class TlsKeyTests
{
    [Theory]
    [InlineData("ed25519", "Ed25519")]
    [InlineData("ED25519", "Ed25519")]
    [InlineData("eddsa", "Ed25519")]
    [InlineData("ed448", "Ed448")]
    [InlineData("ecdsa", "ECDSA P-384")]
    [InlineData("ecc", "ECDSA P-384")]
    [InlineData("secp256r1", "ECDSA P-256")]
    [InlineData("secp384r1", "ECDSA P-384")]
    [InlineData("secp521r1", "ECDSA P-521")]
    public void The_boot_client_reads_every_type_that_can_be_made(string type, string algorithm)
    {
        using var keys = TlsKeyMaker.Make(TlsKeyTypes.Parse(type));

        using var pair = TlsKeyPair.Parse(keys.PublicPem.Span, keys.PrivatePem.Span);

        Assert.Equal(algorithm, pair.Algorithm);
        Assert.Equal(pair.KeyId, keys.KeyId);
    }

    [Fact]
    public void RSA_is_a_valid_TLS_key_type() => Assert.Equal(TlsKeyType.Rsa, TlsKeyTypes.Parse("RSA"));

    [Theory]
    [InlineData("ed25519")]
    [InlineData("ed448")]
    public void A_private_key_is_PKCS_8_version_1_without_the_public_key(string type)
    {
        using var keys = TlsKeyMaker.Make(TlsKeyTypes.Parse(type));
        using var reader = new PemReader(new StringReader(Encoding.ASCII.GetString(keys.PrivatePem.Span)));
        var pem = reader.ReadPemObject();

        Assert.Equal("PRIVATE KEY", pem.Type);
        var info = PrivateKeyInfo.GetInstance(pem.Content);
        Assert.Equal(0, info.Version.IntValueExact);
        Assert.Null(info.PublicKey);
    }

    [Fact]
    public void Every_recorded_key_has_the_recorded_key_ID()
    {
        using var directory = new TemporaryDirectory();
        var vectors = Golden.Text("key_id-vectors.tsv")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1)
            .Select(line => line.Split('\t'))
            .ToList();

        Assert.Equal(11, vectors.Count);
        Assert.All(vectors, vector =>
        {
            using var pem = Pem.Encode("PUBLIC KEY", Convert.FromHexString(vector[2]));
            File.WriteAllBytes(directory["tls-pubkey.pem"], pem.Span);
            Assert.Equal(vector[1], StoredTlsKey.ReadKeyId(directory.Path, out _).ToString());
        });
    }

    [Theory]
    [InlineData("keys/tls-pubkey.pem", "PUBLIC KEY")]
    [InlineData("keys/extra-rsa4096-pub.pem", "PUBLIC KEY")]
    [InlineData("keys/tls-privkey.pem", "PRIVATE KEY")]
    public void The_PEM_matches_certtools_byte_for_byte(string file, string label)
    {
        using var reader = new PemReader(new StringReader(Golden.Text(file)));

        using var pem = Pem.Encode(label, reader.ReadPemObject().Content);

        Assert.Equal(Golden.Text(file), Encoding.ASCII.GetString(pem.Span));
    }
}
