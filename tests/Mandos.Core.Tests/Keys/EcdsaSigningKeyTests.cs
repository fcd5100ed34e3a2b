using Mandos.Core.Keys;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Mandos.Core.Tests.Keys;

public sealed class EcdsaSigningKeyTests
{
    public static TheoryData<int, string> Curves => new() { { 256, "SHA-256" }, { 384, "SHA-384" }, { 521, "SHA-512" } };

    [Theory]
    [MemberData(nameof(Curves))]
    public void ECDSA_signatures_match_those_of_BouncyCastle(int bits, string hash)
    {
        var domain = Domain(bits);
        BigInteger[] keys =
        [
            BigInteger.One, BigInteger.Two, domain.N.Subtract(BigInteger.One), new("123456789012345678901234567890", 10),
            .. Enumerable.Range(0, 4).Select(_ => new BigInteger(bits - 1, new SecureRandom())),
        ];
        foreach (var number in keys)
        {
            using var key = Create(bits, domain.G.Multiply(number).Normalize().GetEncoded(), number);
            for (var length = 0; length < 300; length += 41)
            {
                var message = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
                var digest = DigestUtilities.CalculateDigest(hash, message);
                var signer = new ECDsaSigner(new HMacDsaKCalculator(DigestUtilities.GetDigest(hash)));
                signer.Init(true, new ECPrivateKeyParameters(number, domain));
                var expected = signer.GenerateSignature(digest);

                var sequence = Asn1Sequence.GetInstance(key.Sign(key.Schemes[0], message));

                Assert.Equal(expected, sequence.Select(n => DerInteger.GetInstance(n).PositiveValue));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void The_public_key_may_be_compressed(int bits, string hash)
    {
        var domain = Domain(bits);
        var number = new BigInteger("98765432109876543210", 10);
        using var key = Create(bits, domain.G.Multiply(number).Normalize().GetEncoded(compressed: true), number);
        var message = "message"u8.ToArray();
        var signature = Asn1Sequence.GetInstance(key.Sign(key.Schemes[0], message));
        var pair = signature.Select(n => DerInteger.GetInstance(n).PositiveValue).ToArray();
        var verifier = new ECDsaSigner();
        verifier.Init(false, new ECPublicKeyParameters(domain.G.Multiply(number), domain));
        Assert.True(verifier.VerifySignature(DigestUtilities.CalculateDigest(hash, message), pair[0], pair[1]));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_public_key_that_does_not_match_is_refused_even_if_only_its_sign_differs(int bits, string hash)
    {
        Assert.NotEmpty(hash);
        var domain = Domain(bits);
        var number = new BigInteger("4711", 10);
        var own = domain.G.Multiply(number).Normalize();
        foreach (var other in new[] { own.Negate(), own.Add(domain.G), domain.G })
        {
            var refused = Assert.Throws<KeyFormatException>(() => Create(bits, other.Normalize().GetEncoded(), number));
            Assert.Equal("the public and the private key do not match", refused.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_private_key_out_of_range_is_refused(int bits, string hash)
    {
        Assert.NotEmpty(hash);
        var domain = Domain(bits);
        foreach (var number in new[] { BigInteger.Zero, domain.N, domain.N.Add(BigInteger.One), BigInteger.One.ShiftLeft(bits + 20) })
        {
            var refused = Assert.Throws<KeyFormatException>(() => Create(bits, domain.G.GetEncoded(), number));
            Assert.Equal("an ECDSA private key that is out of range", refused.Message);
        }
    }

    private static ECDomainParameters Domain(int bits) => new(ECNamedCurveTable.GetByName($"P-{bits}"));

    private static EcdsaSigningKey Create(int bits, byte[] publicKey, BigInteger number) =>
        EcdsaSigningKey.Create(
            (NistCurveName)bits, publicKey,
            new DerSequence(DerInteger.ValueOf(1), new DerOctetString(number.ToByteArrayUnsigned())).GetDerEncoded());
}
