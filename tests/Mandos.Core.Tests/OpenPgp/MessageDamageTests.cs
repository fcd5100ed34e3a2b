using CsCheck;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Messages;

namespace Mandos.Core.Tests.OpenPgp;

/// <summary>Whatever is done to a message: no exception, and no other plaintext.</summary>
public sealed class MessageDamageTests
{
    private static readonly byte[] Plaintext = Golden.Bytes("openpgp/plain.bin");

    public static TheoryData<string, int> Samples => new()
    {
        { "cv25519-mdc", 300 }, { "cv25519-ocb", 300 }, { "cv25519-ocb-sign", 300 }, { "cv25519-zip-sign", 300 },
        { "cv25519-bzip2", 300 }, { "cv25519-by-sq", 300 }, { "rsa-mdc", 60 }, { "rsa-ocb", 60 }, { "dsa-elgamal-zlib-sign", 30 },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_changed_byte_never_gives_a_different_plaintext(string name, int times)
    {
        var message = Golden.Bytes($"openpgp/{name}.pgp");
        using var keys = KeysFor(name);
        Gen.Select(Gen.Int[0, message.Length - 1], Gen.Byte[1, 255]).Sample(
            (position, change) =>
            {
                var changed = message.ToArray();
                changed[position] ^= change;
                AssertHarmless(MessageReader.Read(changed, keys, null));
            },
            iter: times);
    }

    [Theory]
    [InlineData("cv25519-zip-sign")]
    [InlineData("cv25519-ocb-chunk10")]
    [InlineData("cv25519-by-sq")]
    public void A_truncated_message_never_decrypts(string name)
    {
        var message = Golden.Bytes($"openpgp/{name}.pgp");
        using var keys = KeysFor(name);
        for (var length = 0; length < message.Length; length++)
            Assert.NotEqual(MessageOutcome.Decrypted, MessageReader.Read(message.AsSpan(0, length), keys, null).Outcome);
    }

    [Fact]
    public void Data_after_a_message_is_refused()
    {
        using var keys = KeysFor("cv25519");
        byte[] doubled = [.. Golden.Bytes("openpgp/cv25519-mdc.pgp"), .. Golden.Bytes("openpgp/cv25519-mdc.pgp")];

        var result = MessageReader.Read(doubled, keys, null);

        Assert.Equal(new(MessageOutcome.Damaged, SignatureState.None, "it has data after its encrypted data", null), result);
    }

    [Fact]
    public void Garbage_never_throws_and_never_decrypts()
    {
        using var keys = KeysFor("cv25519");
        Gen.Byte.Array[0, 500].Sample(
            bytes => Assert.NotEqual(MessageOutcome.Decrypted, MessageReader.Read(bytes, keys, null).Outcome), iter: 20_000);
    }

    [Fact]
    public void Garbage_that_starts_like_a_packet_never_throws()
    {
        using var keys = KeysFor("cv25519");
        var first = Gen.OneOf<byte>(0xC1, 0xD2, 0xD4, 0x84, 0x85, 0xA3, 0xC8, 0xCB, 0xC9, 0xE3);
        Gen.Select(first.Array[1, 3], Gen.Byte.Array[0, 300]).Sample((start, rest) =>
            Assert.NotEqual(MessageOutcome.Decrypted, MessageReader.Read([.. start, .. rest], keys, null).Outcome), iter: 20_000);
    }

    /// <summary>Damage behind the encryption reaches the readers of signatures, compression and data.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_content_never_throws(int compression)
    {
        var peer = BouncyCastlePeer.Curve25519;
        var content = BouncyCastlePeer.Compress(peer.Sign(new byte[1000]), (Org.BouncyCastle.Bcpg.CompressionAlgorithmTag)compression);
        using var keys = peer.SecretKeys;
        var ours = peer.PublicKeys;
        Gen.Select(Gen.Int[0, content.Length - 1], Gen.Byte[1, 255]).Sample(
            (position, change) =>
            {
                var changed = content.ToArray();
                changed[position] ^= change;
                var result = MessageReader.Read(peer.Encrypt(changed), keys, ours);
                result.Plaintext?.Dispose();
                Assert.True(Enum.IsDefined(result.Outcome));
            },
            iter: 300);
    }

    private static SecretKeyRing KeysFor(string name)
    {
        var key = name.StartsWith("dsa") ? "dsa-elgamal" : name.Split('-')[0];
        return SecretKeyRing.Parse(Golden.Bytes($"openpgp/{key}-seckey.txt"));
    }

    private static void AssertHarmless(MessageResult result)
    {
        using var plaintext = result.Plaintext;
        Assert.Equal(result.Outcome == MessageOutcome.Decrypted, plaintext is not null);
        if (plaintext is not null)
            Assert.Equal(Plaintext, plaintext.Span.ToArray());
    }
}
