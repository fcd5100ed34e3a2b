using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Messages;
using Org.BouncyCastle.Bcpg;
using static Mandos.Core.Tests.OpenPgp.Packets;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class MessageReaderTests
{
    private const int SessionKey = 1, Signature = 2, Compressed = 8, Encrypted = 9, Marker = 10, Literal = 11, UserId = 13, Padding = 21;

    private static readonly byte[] Password = "correct horse"u8.ToArray();

    private static BouncyCastlePeer Peer => BouncyCastlePeer.Curve25519;

    public static TheoryData<string, byte[]> Forms => new()
    {
        { "new format", Packet(Literal, LiteralBody(Password)) },
        { "parts of one octet", InParts(Literal, LiteralBody(Password), 0) },
        { "parts of four octets", InParts(Literal, LiteralBody(Password), 2) },
        { "old format, one octet of length", OldPacket(Literal, LiteralBody(Password), 1) },
        { "old format, two octets of length", OldPacket(Literal, LiteralBody(Password), 2) },
        { "old format, four octets of length", OldPacket(Literal, LiteralBody(Password), 4) },
        { "old format up to the end", OldPacket(Literal, LiteralBody(Password), 0) },
        { "text", Packet(Literal, LiteralBody(Password, 't')) },
        { "UTF-8", Packet(Literal, LiteralBody(Password, 'u')) },
        { "marker and padding around it",
            [.. Packet(Marker, "PGP"u8.ToArray()), .. Packet(Literal, LiteralBody(Password)), .. Packet(Padding, new byte[40])] },
        { "a private packet behind it", [.. Packet(Literal, LiteralBody(Password)), .. Packet(60, new byte[3])] },
        { "compressed twice", Packet(Compressed, [0, .. Packet(Compressed, [0, .. Packet(Literal, LiteralBody(Password))])]) },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_of_message_content_is_read(string form, byte[] content)
    {
        var result = Read(Peer.Encrypt(content));
        using var plaintext = result.Plaintext;
        Assert.True(result.Outcome == MessageOutcome.Decrypted, form + ": " + result.Detail);
        Assert.Equal(Password, plaintext!.Span.ToArray());
    }

    public static TheoryData<string, byte[], MessageOutcome> Contents => new()
    {
        { "it contains no data", [], MessageOutcome.Damaged },
        { "its data is truncated", Packet(Literal, [(byte)'b', 9, 0]), MessageOutcome.Damaged },
        { "it contains more than one piece of data", [.. Packet(Literal, LiteralBody([1])), .. Packet(Literal, LiteralBody([2]))],
            MessageOutcome.Damaged },
        { "a packet of type 13 is out of place", [.. Packet(UserId, [1]), .. Packet(Literal, LiteralBody([1]))], MessageOutcome.Damaged },
        { "its content is truncated or is not OpenPGP", Packet(Literal, LiteralBody([1]))[..^1], MessageOutcome.Damaged },
        { "its content is truncated or is not OpenPGP", [1, 2, 3], MessageOutcome.Damaged },
        { "its signature is truncated or damaged", [.. Packet(Signature, [4, 0]), .. Packet(Literal, LiteralBody([1]))],
            MessageOutcome.Damaged },
        { "it has a signature that was not announced", [.. Packet(Literal, LiteralBody([1])), .. Packet(Signature, [3])],
            MessageOutcome.Damaged },
        { "its compressed data is truncated", Packet(Compressed, []), MessageOutcome.Damaged },
        { "its compressed data is truncated", Packet(Compressed, [3]), MessageOutcome.Damaged },
        { "its compressed data is damaged", Packet(Compressed, [2, 1, 2, 3]), MessageOutcome.Damaged },
        { "its compressed data is damaged", Packet(Compressed, [3, 1, 2, 3]), MessageOutcome.Damaged },
        { "it is compressed with algorithm 9, which is not supported", Packet(Compressed, [9, 0]), MessageOutcome.Unsupported },
        { "compressed data is nested more than 3 levels deep", Nested(4), MessageOutcome.TooLarge },
    };

    [Theory]
    [MemberData(nameof(Contents))]
    public void Content_that_is_not_a_message_is_refused(string detail, byte[] content, MessageOutcome outcome) =>
        Assert.Equal(new(outcome, SignatureState.None, detail, null), Read(Peer.Encrypt(content)));

    [Fact]
    public void A_missing_announced_signature_is_an_error()
    {
        var signed = Peer.Sign(Password);
        var signature = 15 + 2 + LiteralBody(Password).Length + "name".Length;
        Assert.Equal("the signature that it announces is missing", Read(Peer.Encrypt(signed[..signature])).Detail);
    }

    [Fact]
    public void A_message_without_integrity_protection_is_refused()
    {
        var result = Read(Peer.Encrypt(Packet(Literal, LiteralBody(Password)), integrity: false));
        Assert.Equal((MessageOutcome.Unsupported, null), (result.Outcome, result.Plaintext));
        Assert.Contains("without integrity protection", result.Detail);
    }

    [Fact]
    public void An_unencrypted_message_is_refused() =>
        Assert.Equal(new(MessageOutcome.Unsupported, SignatureState.None, "it is not encrypted", null), Read(Peer.Sign(Password)));

    [Theory]
    [InlineData(SymmetricKeyAlgorithmTag.TripleDes)]
    [InlineData(SymmetricKeyAlgorithmTag.Cast5)]
    [InlineData(SymmetricKeyAlgorithmTag.Aes128)]
    [InlineData(SymmetricKeyAlgorithmTag.Aes192)]
    [InlineData(SymmetricKeyAlgorithmTag.Aes256)]
    [InlineData(SymmetricKeyAlgorithmTag.Twofish)]
    [InlineData(SymmetricKeyAlgorithmTag.Camellia128)]
    [InlineData(SymmetricKeyAlgorithmTag.Camellia192)]
    [InlineData(SymmetricKeyAlgorithmTag.Camellia256)]
    public void Every_cipher_that_gpg_used_by_default_is_read(SymmetricKeyAlgorithmTag cipher)
    {
        using var plaintext = Read(Peer.Encrypt(Packet(Literal, LiteralBody(Password)), cipher)).Plaintext;
        Assert.Equal(Password, plaintext!.Span.ToArray());
    }

    [Theory]
    [InlineData(SymmetricKeyAlgorithmTag.Idea, 1)]
    [InlineData(SymmetricKeyAlgorithmTag.Blowfish, 4)]
    public void Unsupported_ciphers_are_reported_by_number(SymmetricKeyAlgorithmTag cipher, int number) =>
        Assert.Equal(
            new(
                MessageOutcome.Unsupported, SignatureState.None,
                $"it is encrypted with cipher {number}; only 3DES, CAST5, AES, Twofish and Camellia (2, 3, 7 to 13) are supported", null),
            Read(Peer.Encrypt(Packet(Literal, LiteralBody(Password)), cipher)));

    [Theory]
    [InlineData("rsa")]
    [InlineData("cv25519")]
    public void One_of_several_recipients_is_enough(string reader)
    {
        var peer = reader == "rsa" ? BouncyCastlePeer.Rsa : Peer;
        var message = BouncyCastlePeer.OtherKey.Encrypt(
            Packet(Literal, LiteralBody(Password)), alsoTo: [BouncyCastlePeer.Rsa.EncryptionKey, Peer.EncryptionKey]);
        using var keys = peer.SecretKeys;

        var result = MessageReader.Read(message, keys, null);

        using var plaintext = result.Plaintext;
        Assert.Equal(Password, plaintext!.Span.ToArray());
    }

    [Fact]
    public void A_message_with_a_hidden_recipient_is_tried_with_all_keys()
    {
        var message = Peer.Encrypt(Packet(Literal, LiteralBody(Password)));
        HideRecipient(message);
        var result = Read(message);
        using var plaintext = result.Plaintext;
        Assert.Equal(Password, plaintext!.Span.ToArray());
    }

    [Fact]
    public void A_message_to_another_hidden_recipient_is_not_for_this_key()
    {
        var message = BouncyCastlePeer.OtherKey.Encrypt(Packet(Literal, LiteralBody(Password)));
        HideRecipient(message);
        Assert.Equal(MessageOutcome.NotForThisKey, Read(message).Outcome);
    }

    [Fact]
    public void Invalid_padding_looks_like_damaged_data()
    {
        // The last octets of the session key packet are those of the RSA number.
        var message = BouncyCastlePeer.Rsa.Encrypt(Packet(Literal, LiteralBody(Password)));
        var (badKey, badData) = (message.ToArray(), message.ToArray());
        badKey[200] ^= 1;
        badData[^1] ^= 1;
        using var keys = BouncyCastlePeer.Rsa.SecretKeys;

        Assert.Equal(MessageReader.Read(badData, keys, null), MessageReader.Read(badKey, keys, null));
        Assert.Equal(MessageOutcome.Damaged, MessageReader.Read(badKey, keys, null).Outcome);
    }

    [Fact]
    public void Hundreds_of_session_keys_are_refused()
    {
        var message = Peer.Encrypt(Packet(Literal, LiteralBody(Password)));
        var sessionKey = message[..(2 + message[1])];
        byte[] flooded = [.. Enumerable.Repeat(sessionKey, 500).SelectMany(b => b), .. message];
        Assert.Equal(new(MessageOutcome.TooLarge, SignatureState.None, "it has more than 2 session keys to try", null), Read(flooded));
    }

    [Fact]
    public void Session_keys_of_unknown_versions_are_skipped()
    {
        byte[] message = [.. Packet(SessionKey, [99, 1, 2, 3]), .. Peer.Encrypt(Packet(Literal, LiteralBody(Password)))];
        using var plaintext = Read(message).Plaintext;
        Assert.Equal(Password, plaintext!.Span.ToArray());
    }

    [Fact]
    public void Plaintext_beyond_the_limit_is_too_large()
    {
        var limits = new MessageLimits { MaxPlaintext = 1000 };
        using var keys = Peer.SecretKeys;

        using var largest = MessageReader.Read(Peer.Encrypt(BouncyCastlePeer.Literal(new byte[1000])), keys, null, limits).Plaintext;
        var tooLarge = MessageReader.Read(Peer.Encrypt(BouncyCastlePeer.Literal(new byte[1001])), keys, null, limits);

        Assert.Equal(1000, largest!.Length);
        Assert.Equal(
            new(
                MessageOutcome.TooLarge, SignatureState.None,
                "its content has more than 1000 bytes, which is the most that a password may have", null),
            tooLarge);
    }

    [Theory]
    [InlineData(CompressionAlgorithmTag.Zip)]
    [InlineData(CompressionAlgorithmTag.ZLib)]
    [InlineData(CompressionAlgorithmTag.BZip2)]
    public void A_compression_bomb_is_stopped(CompressionAlgorithmTag algorithm)
    {
        var bomb = BouncyCastlePeer.Compress(BouncyCastlePeer.Literal(new byte[8 << 20]), algorithm);
        Assert.Equal(MessageOutcome.TooLarge, Read(Peer.Encrypt(bomb)).Outcome);
    }

    [Fact]
    public void A_message_larger_than_the_limit_is_not_parsed() =>
        Assert.Equal(MessageOutcome.TooLarge, Read(new byte[10 << 20]).Outcome);

    private static byte[] Nested(int depth)
    {
        var content = Packet(Literal, LiteralBody(Password));
        for (; depth > 0; depth--)
            content = Packet(Compressed, [0, .. content]);
        return content;
    }

    /// <summary>Writes zeros over the key ID of the first packet, whose length stands in one octet.</summary>
    private static void HideRecipient(byte[] message) => message.AsSpan(3, 8).Clear();

    private static MessageResult Read(byte[] message)
    {
        using var keys = Peer.SecretKeys;
        return MessageReader.Read(message, keys, null);
    }
}
