using Mandos.Core.Keys;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Tests.Keys;

public sealed class EdwardsSigningKeyTests
{
    [Fact]
    public void Ed25519_signatures_match_those_of_BouncyCastle()
    {
        foreach (var seed in Seeds(Ed25519.SecretKeySize))
        {
            var publicKey = new byte[Ed25519.PublicKeySize];
            Ed25519.GeneratePublicKey(seed, 0, publicKey, 0);
            using var key = Create(SignatureScheme.ed25519, publicKey, seed);
            foreach (var message in Messages)
            {
                var expected = new byte[Ed25519.SignatureSize];
                Ed25519.Sign(seed, 0, publicKey, 0, message, 0, message.Length, expected, 0);
                Assert.Equal(expected, key.Sign(SignatureScheme.ed25519, message));
            }
        }
    }

    [Fact]
    public void Ed448_signatures_match_those_of_BouncyCastle()
    {
        foreach (var seed in Seeds(Ed448.SecretKeySize))
        {
            var publicKey = new byte[Ed448.PublicKeySize];
            Ed448.GeneratePublicKey(seed, 0, publicKey, 0);
            using var key = Create(SignatureScheme.ed448, publicKey, seed);
            foreach (var message in Messages)
            {
                var expected = new byte[Ed448.SignatureSize];
                Ed448.Sign(seed, 0, publicKey, 0, [], message, 0, message.Length, expected, 0);
                Assert.Equal(expected, key.Sign(SignatureScheme.ed448, message));
            }
        }
    }

    /// <summary>RFC 8032, 7.1, test 3.</summary>
    [Fact]
    public void The_signature_of_the_RFC_example_matches()
    {
        using var key = Create(
            SignatureScheme.ed25519, Convert.FromHexString("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
            Convert.FromHexString("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
        Assert.Equal(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            Convert.ToHexStringLower(key.Sign(SignatureScheme.ed25519, [0xAF, 0x82])));
    }

    private static IEnumerable<byte[]> Seeds(int length) =>
        Enumerable.Range(0, 12).Select(n =>
        {
            var seed = new byte[length];
            if (n < 2)
                Array.Fill(seed, (byte)(n * 0xFF));
            else
                new Random(n).NextBytes(seed);
            return seed;
        });

    private static IEnumerable<byte[]> Messages =>
        new[] { 0, 1, 63, 64, 65, 127, 128, 129, 1000 }.Select(length => Enumerable.Range(0, length).Select(i => (byte)(i * 3)).ToArray());

    private static EdwardsSigningKey Create(int scheme, byte[] publicKey, byte[] seed) =>
        EdwardsSigningKey.Create(scheme, publicKey, [0x04, (byte)seed.Length, .. seed]);
}
