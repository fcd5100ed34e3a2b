using Mandos.Core.OpenPgp;

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
    public void No_golden_message_is_forgotten() => Assert.Equal(17, Messages.Count);

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_of_gpg_and_sq_decrypts(string name)
    {
        var key = name[..name.IndexOf('-')];
        using var secret = SecretKeyRing.Parse(Golden.Bytes($"openpgp/{key}-seckey.txt"));
        var ours = PublicKeyRing.Parse(Golden.Bytes($"openpgp/{key}-pubkey.txt"));

        var result = MessageReader.Read(Golden.Bytes($"openpgp/{name}"), secret, ours);

        using var plaintext = result.Plaintext;
        Assert.Equal((MessageOutcome.Decrypted, name.Contains("sign") ? SignatureState.Valid : SignatureState.None), (result.Outcome, result.Signature));
        Assert.Equal(Golden.Bytes(name.Contains("ocb-big") ? $"openpgp/ocb-big.{key}.bin" : "openpgp/plain.bin"), plaintext!.Span.ToArray());
    }

    [Fact]
    public void A_signature_is_not_verified_without_public_keys()
    {
        using var secret = SecretKeyRing.Parse(Golden.Bytes("openpgp/cv25519-seckey.txt"));

        var result = MessageReader.Read(Golden.Bytes("openpgp/cv25519-ocb-sign.pgp"), secret, null);

        using var plaintext = result.Plaintext;
        Assert.Equal((MessageOutcome.Decrypted, SignatureState.NotVerified), (result.Outcome, result.Signature));
    }

    [Fact]
    public void A_message_that_somebody_else_signed_is_forged()
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

    [Fact]
    public void The_secret_of_the_original_on_Debian_12_decrypts()
    {
        using var secret = SecretKeyRing.Parse(Golden.Bytes("keys/seckey.txt"));
        var ours = PublicKeyRing.Parse(Golden.Bytes("keys/pubkey.txt"));

        var result = MessageReader.Read(Golden.Bytes("secret-blob.pgp"), secret, ours);

        using var plaintext = result.Plaintext;
        Assert.Equal((MessageOutcome.Decrypted, SignatureState.Valid), (result.Outcome, result.Signature));
        Assert.Equal(Golden.Bytes("secret-plaintext.bin"), plaintext!.Span.ToArray());
    }

    [Fact]
    public void The_secret_of_the_original_on_Debian_13_decrypts()
    {
        using var secret = SecretKeyRing.Parse(Golden.Bytes("openpgp/rsa-seckey.txt"));
        var ours = PublicKeyRing.Parse(Golden.Bytes("openpgp/rsa-pubkey.txt"));

        var result = MessageReader.Read(Golden.Bytes("openpgp/mandos-1.8.19-rsa.pgp"), secret, ours);

        using var plaintext = result.Plaintext;
        Assert.Equal((MessageOutcome.Decrypted, SignatureState.Valid), (result.Outcome, result.Signature));
        Assert.Equal(Golden.Bytes("openpgp/plain.bin"), plaintext!.Span.ToArray());
    }

    [Fact]
    public void The_stanza_of_the_original_holds_that_secret()
    {
        var stanza = Golden.Text("openpgp/mandos-1.8.19-stanza.txt");
        var base64 = stanza[(stanza.IndexOf("secret =") + 8)..].Split('\n').Skip(1).TakeWhile(line => line.StartsWith(' '));
        using var secret = SecretKeyRing.Parse(Golden.Bytes("openpgp/rsa-seckey.txt"));

        var result = MessageReader.Read(Convert.FromBase64String(string.Concat(base64)), secret, null);

        using var plaintext = result.Plaintext;
        Assert.Equal(Golden.Bytes("openpgp/plain.bin"), plaintext!.Span.ToArray());
    }

    [Fact]
    public void A_message_and_key_of_version_6_are_read()
    {
        using var secret = SecretKeyRing.Parse(Golden.Bytes("openpgp/rfc9580-key.pgp"));
        var ours = PublicKeyRing.Parse(Golden.Bytes("openpgp/rfc9580-cert.pgp"));

        var result = MessageReader.Read(Golden.Bytes("openpgp/rfc9580-seipd2.pgp"), secret, ours);

        using var plaintext = result.Plaintext;
        Assert.Equal((MessageOutcome.Decrypted, SignatureState.None), (result.Outcome, result.Signature));
        Assert.Equal(Golden.Bytes("openpgp/plain.bin"), plaintext!.Span.ToArray());
    }
}
