using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Messages;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using static Mandos.Core.Tests.OpenPgp.Packets;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class MessageSignatureTests
{
    private const int Signature = 2, Literal = 11;

    private static readonly byte[] Password = "correct horse\n"u8.ToArray();

    private static BouncyCastlePeer Ours => BouncyCastlePeer.Curve25519;

    [Fact]
    public void An_unsigned_message_is_read() =>
        AssertRead(SignatureState.None, "it is not signed", Packet(Literal, LiteralBody(Password)));

    [Fact]
    public void A_message_signed_with_our_key_is_valid()
    {
        var (outcome, state, detail) = Read(Ours.Sign(Password), BouncyCastlePeer.Curve25519.PublicKeys);
        Assert.Equal((MessageOutcome.Decrypted, SignatureState.Valid), (outcome, state));
        Assert.StartsWith("it is signed by ", detail);
    }

    [Fact]
    public void A_message_signed_by_an_unknown_key_is_forged() =>
        Assert.Equal(
            (MessageOutcome.Forged, SignatureState.Invalid, "it is signed by a key that is not ours"),
            Read(BouncyCastlePeer.OtherKey.Sign(Password), Ours.PublicKeys));

    [Fact]
    public void One_signature_of_ours_next_to_an_unknown_one_is_enough()
    {
        var stranger = Split(BouncyCastlePeer.OtherKey.Sign(Password));
        var ours = Split(Ours.Sign(Password));
        byte[] content = [.. stranger.OnePass, .. ours.OnePass, .. ours.Literal, .. ours.Signature, .. stranger.Signature];
        Assert.Equal(SignatureState.Valid, Read(content, Ours.PublicKeys).State);
    }

    [Fact]
    public void A_signature_may_precede_the_data()
    {
        var (_, literal, signature) = Split(Ours.Sign(Password));
        Assert.Equal(SignatureState.Valid, Read([.. signature, .. literal], Ours.PublicKeys).State);
    }

    [Fact]
    public void Signed_data_may_be_compressed_separately()
    {
        var (onePass, literal, signature) = Split(Ours.Sign(Password));
        byte[] content = [.. onePass, .. BouncyCastlePeer.Compress(literal, CompressionAlgorithmTag.Zip), .. signature];
        // BouncyCastle writes an indeterminate length, which would swallow the signature.
        Assert.Equal(MessageOutcome.Damaged, Read(content, Ours.PublicKeys).Outcome);
        content = [.. onePass, .. Packet(8, [0, .. literal]), .. signature];
        Assert.Equal(SignatureState.Valid, Read(content, Ours.PublicKeys).State);
    }

    [Fact]
    public void A_signature_over_SHA_1_leaves_the_message_unverified()
    {
        var (outcome, state, detail) = Read(Ours.Sign(Password, HashAlgorithmTag.Sha1), Ours.PublicKeys);
        Assert.Equal((MessageOutcome.Decrypted, SignatureState.NotVerified), (outcome, state));
        Assert.Contains("not supported", detail);
    }

    [Fact]
    public void A_signature_of_another_type_over_the_same_bytes_leaves_the_message_unverified() =>
        Assert.Equal(SignatureState.NotVerified, Read(Ours.Sign(Password, type: PgpSignature.DirectKey), Ours.PublicKeys).State);

    [Fact]
    public void A_signature_without_a_key_id_is_tried_with_all_keys()
    {
        Assert.Equal(SignatureState.Valid, Read(WithoutIssuer(Ours.Sign(Password)), Ours.PublicKeys).State);
        Assert.Equal(MessageOutcome.Forged, Read(WithoutIssuer(BouncyCastlePeer.OtherKey.Sign(Password)), Ours.PublicKeys).Outcome);
    }

    [Fact]
    public void A_signature_of_an_unknown_version_leaves_the_message_unverified()
    {
        byte[] content = [.. Packet(Signature, [3, 5, 0]), .. Packet(Literal, LiteralBody(Password))];
        Assert.Equal(
            (MessageOutcome.Decrypted, SignatureState.NotVerified),
            (Read(content, Ours.PublicKeys).Outcome, Read(content, Ours.PublicKeys).State));
    }

    [Fact]
    public void Nine_signatures_are_too_many()
    {
        var (_, literal, signature) = Split(Ours.Sign(Password));
        byte[] content = [.. Enumerable.Repeat(signature, 9).SelectMany(s => s), .. literal];
        Assert.Equal((MessageOutcome.TooLarge, SignatureState.None, "it has more than 8 signatures"), Read(content, Ours.PublicKeys));
    }

    private static void AssertRead(SignatureState state, string detail, byte[] content) =>
        Assert.Equal((MessageOutcome.Decrypted, state, detail), Read(content, Ours.PublicKeys));

    private static (MessageOutcome Outcome, SignatureState State, string Detail) Read(byte[] content, PublicKeyRing publicKeys)
    {
        using var keys = Ours.SecretKeys;
        var result = MessageReader.Read(Ours.Encrypt(content), keys, publicKeys);
        using var plaintext = result.Plaintext;
        if (plaintext is not null)
            Assert.Equal(Password, plaintext.Span.ToArray());
        return (result.Outcome, result.Signature, result.Detail);
    }

    /// <summary>The packets of a signed message; each has its length in one octet.</summary>
    private static (byte[] OnePass, byte[] Literal, byte[] Signature) Split(byte[] signed)
    {
        var literal = 2 + signed[1];
        var signature = literal + 2 + signed[literal + 1];
        return (signed[..literal], signed[literal..signature], signed[signature..]);
    }

    /// <summary>Empties the subpackets that are not signed, where the issuer stands.</summary>
    private static byte[] WithoutIssuer(byte[] signed)
    {
        var (onePass, literal, signature) = Split(signed);
        var body = signature.AsSpan(2);
        var hashed = 6 + body[5];
        var unhashed = body[hashed + 1];
        byte[] rest = [.. body[..hashed], 0, 0, .. body[(hashed + 2 + unhashed)..]];
        return [.. onePass, .. literal, .. Packet(Signature, rest)];
    }
}
