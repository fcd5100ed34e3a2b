using System.Text;
using CsCheck;
using Mandos.Core.Keys;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Messages;
using static Mandos.Core.Tests.OpenPgp.Packets;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class KeyRingTests
{
    public static TheoryData<string, int> SecretKeyFiles => new()
    {
        { "keys/seckey.txt", 2 }, { "openpgp/rsa-seckey.txt", 2 }, { "openpgp/cv25519-seckey.txt", 1 },
        { "openpgp/dsa-elgamal-seckey.txt", 1 }, { "openpgp/rfc9580-key.pgp", 1 },
    };

    [Theory]
    [MemberData(nameof(SecretKeyFiles))]
    public void Decryption_keys_are_found(string file, int count)
    {
        using var ring = SecretKeyRing.Parse(Golden.Bytes(file));
        Assert.Equal(count, ring.Keys.Count());
    }

    [Fact]
    public void Binary_key_files_are_accepted()
    {
        using var rsa = BouncyCastlePeer.Rsa.SecretKeys;
        using var curve = BouncyCastlePeer.Curve25519.SecretKeys;
        Assert.Equal((2, 1), (rsa.Keys.Count(), curve.Keys.Count()));
    }

    [Fact]
    public void The_subkey_is_tried_before_the_primary_key()
    {
        using var ring = BouncyCastlePeer.Rsa.SecretKeys;
        Assert.Equal((ulong)BouncyCastlePeer.Rsa.EncryptionKey.KeyId, ring.Keys.First().Public.KeyId);
    }

    [Fact]
    public void Fingerprints_match_those_of_BouncyCastle()
    {
        using var ring = BouncyCastlePeer.Curve25519.SecretKeys;
        Assert.Equal(BouncyCastlePeer.Curve25519.EncryptionKey.GetFingerprint(), ring.Keys.First().Public.Fingerprint);
    }

    [Theory]
    [InlineData("", "cannot be read: it is empty")]
    [InlineData("hello", "cannot be read: it is neither OpenPGP packets nor their ASCII armor")]
    public void A_file_without_keys_is_refused(string text, string why)
    {
        AssertBothRefuse(Encoding.ASCII.GetBytes(text), $"the OpenPGP secret key {why}", $"the OpenPGP public key {why}");
    }

    [Fact]
    public void A_message_is_not_a_key() =>
        AssertBothRefuse(
            Golden.Bytes("openpgp/rsa-mdc.pgp"),
            "the OpenPGP secret key cannot be read: it is another kind of OpenPGP data",
            "the OpenPGP public key cannot be read: it is another kind of OpenPGP data");

    [Fact]
    public void A_truncated_file_is_not_a_key()
    {
        AssertSecretRefused(BouncyCastlePeer.Rsa.SecretBytes[..^1], "the OpenPGP secret key cannot be read: it is truncated or damaged");
        AssertPublicRefused(BouncyCastlePeer.Rsa.PublicBytes[..^1], "the OpenPGP public key cannot be read: it is truncated or damaged");
    }

    [Fact]
    public void A_secret_key_verifies_and_a_public_one_does_not_decrypt()
    {
        AssertSecretRefused(BouncyCastlePeer.Rsa.PublicBytes, "the OpenPGP secret key cannot be used: it is a public key");
        using var keys = BouncyCastlePeer.Rsa.SecretKeys;
        var message = BouncyCastlePeer.Rsa.Encrypt(BouncyCastlePeer.Rsa.Sign([1, 2, 3]));
        var result = MessageReader.Read(message, keys, PublicKeyRing.Parse(BouncyCastlePeer.Rsa.SecretBytes));
        using var plaintext = result.Plaintext;
        Assert.Equal(SignatureState.Valid, result.Signature);
    }

    [Fact]
    public void Two_keys_in_one_file_are_both_read()
    {
        var both = Encoding.ASCII.GetString(Golden.Bytes("openpgp/rsa-seckey.txt"))
            + "a comment\n"
            + Encoding.ASCII.GetString(Golden.Bytes("openpgp/cv25519-seckey.txt"))
            + "another\n";
        using var ring = SecretKeyRing.Parse(Encoding.ASCII.GetBytes(both));
        Assert.Equal(3, ring.Keys.Count());
    }

    [Fact]
    public void A_key_with_a_passphrase_is_refused_with_the_reason()
    {
        var protectedKey = BouncyCastlePeer.Curve25519.SecretBytes;
        // Only the sub-key decrypts: its octet for protection stands behind the key derivation of ECDH.
        var derivation = protectedKey.AsSpan().LastIndexOf((byte[])[0x03, 0x01, 0x08]);
        protectedKey[derivation + 4] = 254;
        AssertSecretRefused(
            protectedKey, "the OpenPGP secret key cannot be used: it is protected by a passphrase, which cannot be entered at boot");
    }

    [Fact]
    public void Keys_of_unknown_versions_are_refused() =>
        AssertBothRefuse(
            Packet(5, [3, 0, 0, 0, 0, 0, 0, 1]),
            "the OpenPGP secret key cannot be used: its version or algorithm is not supported",
            "the OpenPGP public key cannot be used: its version or algorithm is not supported");

    [Fact]
    public void A_changed_byte_in_a_secret_number_is_detected()
    {
        // The primary key comes first: 3 octets of header, and at its end d, p, q, u and their sum.
        var key = BouncyCastlePeer.Rsa.SecretBytes;
        var end = 3 + ((key[1] << 8) | key[2]);
        Gen.Select(Gen.Int[end - 600, end - 1], Gen.Byte[1, 255]).Sample(
            (position, change) =>
            {
                var changed = key.ToArray();
                changed[position] ^= change;
                Assert.EndsWith(" is damaged", Assert.Throws<KeyFormatException>(() => SecretKeyRing.Parse(changed)).Message);
            },
            iter: 300);
    }

    [Fact]
    public void A_key_with_a_changed_byte_is_parsed_or_throws_KeyFormatException()
    {
        var key = BouncyCastlePeer.Rsa.SecretBytes;
        Gen.Select(Gen.Int[0, key.Length - 1], Gen.Byte[1, 255]).Sample(
            (position, change) =>
            {
                var changed = key.ToArray();
                changed[position] ^= change;
                Assert.True(Record.Exception(() => SecretKeyRing.Parse(changed).Dispose()) is null or KeyFormatException);
            },
            iter: 1000);
    }

    [Fact]
    public void Garbage_is_refused_with_a_format_error() =>
        Gen.Select(Gen.OneOf<byte>(0x95, 0x99, 0xC5, 0xC6, 0xC7, 0x9D, 0x2D), Gen.Byte.Array[0, 300]).Sample(
            (first, rest) =>
            {
                byte[] bytes = [first, .. rest];
                Assert.Throws<KeyFormatException>(() => SecretKeyRing.Parse(bytes));
                Assert.Throws<KeyFormatException>(() => PublicKeyRing.Parse(bytes));
            },
            iter: 2000);

    private static void AssertBothRefuse(byte[] bytes, string secret, string open)
    {
        AssertSecretRefused(bytes, secret);
        AssertPublicRefused(bytes, open);
    }

    private static void AssertSecretRefused(byte[] bytes, string message) =>
        Assert.Equal(message, Assert.Throws<KeyFormatException>(() => SecretKeyRing.Parse(bytes)).Message);

    private static void AssertPublicRefused(byte[] bytes, string message) =>
        Assert.Equal(message, Assert.Throws<KeyFormatException>(() => PublicKeyRing.Parse(bytes)).Message);
}
