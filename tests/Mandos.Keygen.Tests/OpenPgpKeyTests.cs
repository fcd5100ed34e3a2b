using System.Text;
using Mandos.Keygen.Keys;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Mandos.Keygen.Tests;

public sealed class OpenPgpKeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, 900, TimeSpan.Zero);

    private static async Task<(PgpSecretKeyRing Secret, PgpPublicKeyRing Public)> MakeAsync(
        string? type = null, string? length = null, TimeSpan? validity = null, string name = "tëst")
    {
        var (primary, subkey) = OpenPgpKeyType.Choose(type, length, null, length);
        using var keys = await OpenPgpKeyMaker.MakeAsync(
            primary, subkey, ClientIdentity.Create(name, "no 1", "a@b.example"), validity, Now, TestContext.Current.CancellationToken);
        return (new(Decode(keys.SecretArmor.Span)), new(Decode(keys.PublicArmor.Span)));
    }

    private static Stream Decode(ReadOnlySpan<byte> armor) => PgpUtilities.GetDecoderStream(new MemoryStream(armor.ToArray()));

    private static PgpSignatureSubpacketVector Hashed(PgpPublicKey key) => Assert.Single(key.GetSignatures()).GetHashedSubPackets();

    [Fact]
    public async Task By_default_keys_use_the_curve_algorithms_that_every_gpg_supports()
    {
        var keys = (await MakeAsync()).Public.GetPublicKeys().ToList();

        Assert.Equal([PublicKeyAlgorithmTag.EdDsa_Legacy, PublicKeyAlgorithmTag.ECDH], keys.Select(key => key.Algorithm));
        Assert.All(keys, key => Assert.Equal(4, key.Version));
    }

    [Fact]
    public async Task RSA_keys_have_the_requested_length()
    {
        var keys = (await MakeAsync("RSA", "1024")).Public.GetPublicKeys().ToList();

        Assert.Equal([PublicKeyAlgorithmTag.RsaGeneral, PublicKeyAlgorithmTag.RsaGeneral], keys.Select(key => key.Algorithm));
        Assert.All(keys, key => Assert.Equal(1024, key.BitStrength));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("RSA", "1024")]
    public async Task Flags_and_preferences_match_those_that_gpg_writes_for_the_original(string? type, string? length)
    {
        var ring = (await MakeAsync(type, length)).Public;
        var primary = Hashed(ring.GetPublicKey());
        var subkey = Hashed(ring.GetPublicKeys().Last());

        Assert.Equal(0x23, primary.GetKeyFlags());
        Assert.Equal([9, 8, 7, 2], primary.GetPreferredSymmetricAlgorithms());
        Assert.Equal([10, 9, 8, 11, 2], primary.GetPreferredHashAlgorithms());
        Assert.Equal([2, 3, 1], primary.GetPreferredCompressionAlgorithms());
        Assert.True(primary.GetFeatures().SupportsModificationDetection);
        Assert.Equal(0x0C, subkey.GetKeyFlags());
        Assert.Equal(HashAlgorithmTag.Sha512, ring.GetPublicKey().GetSignatures().Single().HashAlgorithm);
    }

    [Fact]
    public async Task The_signatures_on_the_keys_are_valid()
    {
        // BouncyCastle signs a name as UTF-8, as gpg reads it, but verifies only ASCII names.
        var ring = (await MakeAsync(name: "test")).Public;
        var primary = ring.GetPublicKey();
        var certification = primary.GetSignatures().Single();
        certification.InitVerify(primary);
        var binding = ring.GetPublicKeys().Last().GetSignatures().Single();
        binding.InitVerify(primary);

        Assert.Equal(PgpSignature.PositiveCertification, certification.SignatureType);
        Assert.True(certification.VerifyCertification(primary.GetUserIds().Single(), primary));
        Assert.Equal(PgpSignature.SubkeyBinding, binding.SignatureType);
        Assert.True(binding.VerifyCertification(primary, ring.GetPublicKeys().Last()));
    }

    [Fact]
    public async Task The_secret_keys_have_no_passphrase_and_match_the_public_keys()
    {
        var (secret, publicRing) = await MakeAsync();

        Assert.Equal(publicRing.GetPublicKeys().Select(key => key.KeyId), secret.GetSecretKeys().Select(key => key.KeyId));
        Assert.All(secret.GetSecretKeys(), key => Assert.Equal(SymmetricKeyAlgorithmTag.Null, key.KeyEncryptionAlgorithm));
    }

    [Fact]
    public async Task The_user_ID_is_a_mailbox_in_UTF_8()
    {
        var ring = (await MakeAsync()).Public;

        Assert.Equal("tëst (no 1) <a@b.example>"u8.ToArray(), Assert.Single(ring.GetPublicKey().GetRawUserIds()));
    }

    [Fact]
    public async Task New_keys_have_the_current_time_in_whole_seconds_and_never_expire()
    {
        var keys = (await MakeAsync()).Public.GetPublicKeys().ToList();

        Assert.All(keys, key => Assert.Equal(new DateTime(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc), key.CreationTime));
        Assert.All(keys, key => Assert.Equal(0, key.GetValidSeconds()));
    }

    [Fact]
    public async Task Both_keys_expire_when_asked_to()
    {
        var keys = (await MakeAsync(validity: TimeSpan.FromDays(365))).Public.GetPublicKeys().ToList();

        Assert.All(keys, key => Assert.Equal(365 * 86400, key.GetValidSeconds()));
    }

    [Theory]
    [InlineData("keys/seckey.txt", "PGP PRIVATE KEY BLOCK", "testclient")]
    [InlineData("keys/pubkey.txt", "PGP PUBLIC KEY BLOCK", "testclient")]
    public void The_armor_matches_the_originals_byte_for_byte(string file, string label, string name)
    {
        var golden = Golden.Bytes(file);
        using var packets = new MemoryStream();
        Decode(golden).CopyTo(packets);

        using var armor = Pem.EncodeOpenPgp(label, $"Mandos client key for {name}", packets.ToArray());

        Assert.Equal(Encoding.UTF8.GetString(golden), Encoding.UTF8.GetString(armor.Span));
    }

    [Theory]
    [InlineData(null, null, null, null, "Ed25519 Curve25519")]
    [InlineData("eddsa", null, "ecdh", null, "Ed25519 Curve25519")]
    [InlineData("ED25519", null, "CV25519", null, "Ed25519 Curve25519")]
    [InlineData("22", null, "18", null, "Ed25519 Curve25519")]
    [InlineData("default", null, "default", null, "Ed25519 Curve25519")]
    [InlineData("RSA", null, null, null, "RSA-4096 RSA-4096")]
    [InlineData("rsa", "2048", "1", "3072", "RSA-2048 RSA-3072")]
    [InlineData(null, "2048", null, null, "RSA-2048 RSA-4096")]
    [InlineData(null, null, null, "2048", "RSA-4096 RSA-2048")]
    [InlineData("ed25519", null, "RSA", null, "Ed25519 RSA-4096")]
    [InlineData(null, null, "RSA", null, "RSA-4096 RSA-4096")]
    [InlineData("RSA", null, "cv25519", null, "RSA-4096 Curve25519")]
    [InlineData(null, "2050", null, null, "RSA-2080 RSA-4096")]
    public void Key_types_have_the_names_that_gpg_uses_and_a_length_alone_means_RSA(
        string? type, string? length, string? subtype, string? sublength, string expected)
    {
        var (primary, subkey) = OpenPgpKeyType.Choose(type, length, subtype, sublength);

        Assert.Equal(expected, $"{primary} {subkey}");
    }
}
