using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Messages;

namespace Mandos.Core.Tests.OpenPgp;

/// <summary>Messages and keys that gpg, sq and the original's key tool made.</summary>
public sealed class GoldenMessageTests
{
    public static TheoryData<string> Messages =>
    [
        .. Directory.GetFiles(Golden.Path("openpgp"), "*.pgp").Select(Path.GetFileName).OfType<string>()
            .Where(name => name.StartsWith("rsa-") || name.StartsWith("cv25519-")),
    ];

    [Fact]
    public void All_golden_messages_are_tested() => Assert.Equal(17, Messages.Count);

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_of_gpg_and_sq_decrypts(string name)
    {
        var key = name[..name.IndexOf('-')];
        AssertReads(
            Golden.Bytes($"openpgp/{name}"),
            $"openpgp/{key}-seckey.txt",
            $"openpgp/{key}-pubkey.txt",
            name.Contains("ocb-big") ? $"openpgp/ocb-big.{key}.bin" : "openpgp/plain.bin",
            name.Contains("sign") ? SignatureState.Valid : SignatureState.None);
    }

    /// <summary>The kind of key that the first releases of the original made.</summary>
    [Theory]
    [InlineData("dsa-elgamal-zlib-sign", "plain.bin")]
    [InlineData("dsa-elgamal-text-sign-hidden", "text-crlf.bin")]
    public void DSA_and_ElGamal_keys_work(string name, string expected) =>
        AssertReads(
            Golden.Bytes($"openpgp/{name}.pgp"), "openpgp/dsa-elgamal-seckey.txt", "openpgp/dsa-elgamal-pubkey.txt", $"openpgp/{expected}",
            SignatureState.Valid);

    public static TheoryData<string> Curves =>
        [.. Directory.GetFiles(Golden.Path("openpgp/curves"), "*.pgp").Select(path => Path.GetFileName(path).Split('-')[0])];

    [Theory]
    [MemberData(nameof(Curves))]
    public void Keys_on_other_curves_work(string curve) =>
        AssertReads(
            Golden.Bytes($"openpgp/curves/{curve}-zlib-sign.pgp"), $"openpgp/curves/{curve}-seckey.txt",
            $"openpgp/curves/{curve}-pubkey.txt", "openpgp/plain.bin", SignatureState.Valid);

    [Theory]
    [InlineData("3des")]
    [InlineData("cast5")]
    [InlineData("twofish")]
    [InlineData("camellia128")]
    [InlineData("camellia192")]
    [InlineData("camellia256")]
    public void Older_ciphers_of_gpg_are_supported(string cipher) =>
        AssertReads(
            Golden.Bytes($"openpgp/ciphers/{cipher}.pgp"), "openpgp/cv25519-seckey.txt", "openpgp/cv25519-pubkey.txt", "openpgp/plain.bin",
            SignatureState.Valid);

    [Theory]
    [InlineData("blowfish", 4)]
    [InlineData("idea", 1)]
    public void Unsupported_ciphers_are_reported(string cipher, int number)
    {
        using var keys = SecretKeyRing.Parse(Golden.Bytes("openpgp/cv25519-seckey.txt"));
        var result = MessageReader.Read(Golden.Bytes($"openpgp/ciphers/{cipher}.pgp"), keys, null);
        Assert.Equal(MessageOutcome.Unsupported, result.Outcome);
        Assert.StartsWith($"it is encrypted with cipher {number}; ", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_secret_of_the_original_on_Debian_12_decrypts() =>
        AssertReads(Golden.Bytes("secret-blob.pgp"), "keys/seckey.txt", "keys/pubkey.txt", "secret-plaintext.bin", SignatureState.Valid);

    [Fact]
    public void The_secret_of_the_original_on_Debian_13_decrypts() =>
        AssertReads(
            Golden.Bytes("openpgp/mandos-1.8.19-rsa.pgp"), "openpgp/rsa-seckey.txt", "openpgp/rsa-pubkey.txt", "openpgp/plain.bin",
            SignatureState.Valid);

    [Fact]
    public void The_stanza_of_the_original_contains_that_secret()
    {
        var stanza = Golden.Text("openpgp/mandos-1.8.19-stanza.txt");
        var base64 = stanza[(stanza.IndexOf("secret =") + 8)..].Split('\n').Skip(1).TakeWhile(line => line.StartsWith(' '));
        AssertReads(
            Convert.FromBase64String(string.Concat(base64)), "openpgp/rsa-seckey.txt", "openpgp/rsa-pubkey.txt", "openpgp/plain.bin",
            SignatureState.Valid);
    }

    [Fact]
    public void Messages_and_keys_of_version_6_are_read() =>
        AssertReads(
            Golden.Bytes("openpgp/rfc9580-seipd2.pgp"), "openpgp/rfc9580-key.pgp", "openpgp/rfc9580-cert.pgp", "openpgp/plain.bin",
            SignatureState.None);

    [Fact]
    public void A_signature_is_not_verified_without_public_keys() =>
        AssertReads(
            Golden.Bytes("openpgp/cv25519-ocb-sign.pgp"), "openpgp/cv25519-seckey.txt", null, "openpgp/plain.bin",
            SignatureState.NotVerified);

    [Fact]
    public void A_message_signed_by_another_key_is_forged()
    {
        using var secret = SecretKeyRing.Parse(Golden.Bytes("openpgp/cv25519-seckey.txt"));
        var others = PublicKeyRing.Parse(Golden.Bytes("openpgp/rsa-pubkey.txt"));

        var result = MessageReader.Read(Golden.Bytes("openpgp/cv25519-ocb-sign.pgp"), secret, others);

        Assert.Equal(new(MessageOutcome.Forged, SignatureState.Invalid, "it is signed by a key that is not ours", null), result);
    }

    [Fact]
    public void A_message_to_another_key_is_not_for_this_one()
    {
        using var secret = SecretKeyRing.Parse(Golden.Bytes("openpgp/rsa-seckey.txt"));

        var result = MessageReader.Read(Golden.Bytes("openpgp/cv25519-mdc.pgp"), secret, null);

        Assert.Equal(new(MessageOutcome.NotForThisKey, SignatureState.None, "it is encrypted to another key", null), result);
    }

    private static void AssertReads(byte[] message, string secretKeys, string? publicKeys, string expected, SignatureState state)
    {
        using var secret = SecretKeyRing.Parse(Golden.Bytes(secretKeys));
        var ours = publicKeys is null ? null : PublicKeyRing.Parse(Golden.Bytes(publicKeys));

        var result = MessageReader.Read(message, secret, ours);

        using var plaintext = result.Plaintext;
        Assert.Equal((MessageOutcome.Decrypted, state), (result.Outcome, result.Signature));
        Assert.Equal(Golden.Bytes(expected), plaintext!.Span.ToArray());
    }
}
