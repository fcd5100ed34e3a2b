using CsCheck;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Messages;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Mandos.Core.Tests.OpenPgp;

/// <summary>This reader against BouncyCastle's own OpenPGP classes, on newly generated messages.</summary>
public sealed class GeneratedMessageTests
{
    private static readonly Gen<byte[]> Data = Gen.OneOf(
        Gen.Byte.Array[0, 200],
        Gen.Byte.Array[60_000, 70_000],
        Gen.Select(
            Gen.Byte.Array[1, 50], Gen.Int[1, 2000],
            (word, times) => Enumerable.Repeat(word, times).SelectMany(w => w).Take(70_000).ToArray()));

    private static readonly Gen<BouncyCastlePeer> Peer = Gen.Bool.Select(rsa => rsa ? BouncyCastlePeer.Rsa : BouncyCastlePeer.Curve25519);

    private static readonly Gen<CompressionAlgorithmTag?> Compression = Gen.Int[-1, 3].Select(
        n => n < 0 ? (CompressionAlgorithmTag?)null : (CompressionAlgorithmTag)n);

    private static readonly Gen<SymmetricKeyAlgorithmTag> Cipher =
        Gen.OneOf(SymmetricKeyAlgorithmTag.Aes128, SymmetricKeyAlgorithmTag.Aes192, SymmetricKeyAlgorithmTag.Aes256);

    private static readonly Gen<HashAlgorithmTag> Hash =
        Gen.OneOf(HashAlgorithmTag.Sha224, HashAlgorithmTag.Sha256, HashAlgorithmTag.Sha384, HashAlgorithmTag.Sha512);

    private static readonly Gen<int> PartLength = Gen.OneOf(0, 0, 512, 4096);

    [Fact]
    public void Both_readers_decrypt_the_same_plaintext() =>
        Gen.Select(Data, Peer, Compression, Cipher, PartLength).Sample(
            (data, peer, compression, cipher, partLength) =>
            {
                var content = BouncyCastlePeer.Literal(data, partLength: partLength);
                if (compression is { } algorithm)
                    content = BouncyCastlePeer.Compress(content, algorithm);
                var message = peer.Encrypt(content, cipher, partLength: partLength);

                using var keys = peer.SecretKeys;
                var result = MessageReader.Read(message, keys, null);

                using var plaintext = result.Plaintext;
                Assert.Equal((MessageOutcome.Decrypted, SignatureState.None), (result.Outcome, result.Signature));
                Assert.Equal(data, plaintext!.Span.ToArray());
                Assert.Equal(data, peer.Decrypt(message));
            },
            iter: 60);

    [Fact]
    public void A_signature_over_any_plaintext_is_verified() =>
        Gen.Select(Data, Peer, Compression, Hash, Gen.Bool, PartLength).Sample(
            (data, peer, compression, hash, text, partLength) =>
            {
                // BouncyCastle takes a lone CR for a line end, gpg and this reader do not.
                if (text)
                    data = [.. data.Where(b => b != (byte)'\r')];
                var content = peer.Sign(data, hash, text ? PgpSignature.CanonicalTextDocument : PgpSignature.BinaryDocument, partLength);
                if (compression is { } algorithm)
                    content = BouncyCastlePeer.Compress(content, algorithm);

                using var keys = peer.SecretKeys;
                var result = MessageReader.Read(peer.Encrypt(content), keys, peer.PublicKeys);

                using var plaintext = result.Plaintext;
                Assert.Equal((MessageOutcome.Decrypted, SignatureState.Valid), (result.Outcome, result.Signature));
                Assert.Equal(data, plaintext!.Span.ToArray());
            },
            iter: 60);

    [Fact]
    public void A_signature_over_another_plaintext_is_refused_as_forged() =>
        Gen.Select(Gen.Byte.Array[1, 300], Peer, Gen.Int).Sample(
            (data, peer, where) =>
            {
                var content = peer.Sign(data);
                // The literal data stands behind the one-pass signature (2 + 13) and its own header (2 or 3, 10).
                var start = 15 + (data.Length + 10 < 192 ? 12 : 13);
                Assert.Equal(data[0], content[start]);
                content[start + (int)((uint)where % data.Length)] ^= 1;

                using var keys = peer.SecretKeys;
                var result = MessageReader.Read(peer.Encrypt(content), keys, peer.PublicKeys);

                Assert.Equal((MessageOutcome.Forged, SignatureState.Invalid, null), (result.Outcome, result.Signature, result.Plaintext));
            },
            iter: 40);
}
