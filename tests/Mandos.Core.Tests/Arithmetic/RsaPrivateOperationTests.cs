using System.Globalization;
using System.Numerics;
using CsCheck;
using Mandos.Core.Arithmetic;

namespace Mandos.Core.Tests.Arithmetic;

public sealed class RsaPrivateOperationTests
{
    private static readonly Numbers Key = Numbers.Of(p: 999_983, q: 1_000_003);

    /// <summary>A key as numbers, which a test can change one by one.</summary>
    private sealed record Numbers(
        BigInteger Modulus, BigInteger PublicExponent, BigInteger PrivateExponent, BigInteger P, BigInteger Q, BigInteger U)
    {
        public static Numbers Of(BigInteger p, BigInteger q) =>
            new(p * q, 65537, BigNumber.Inverse(65537, (p - 1) * (q - 1)), p, q, BigNumber.Inverse(p, q));

        public bool IsConsistent => RsaPrivateOperation.IsConsistent(Octets);

        public BigInteger? Run(BigInteger cipherText)
        {
            using var message = RsaPrivateOperation.Run(OctetsOf(cipherText), Octets);
            return message is null ? null : BigNumber.Of(message.Span);
        }

        private RsaPrivateOperation.Numbers Octets => new()
        {
            Modulus = OctetsOf(Modulus),
            PublicExponent = OctetsOf(PublicExponent),
            PrivateExponent = OctetsOf(PrivateExponent),
            P = OctetsOf(P),
            Q = OctetsOf(Q),
            U = OctetsOf(U),
        };

        private static byte[] OctetsOf(BigInteger number) => number.ToByteArray(isUnsigned: true, isBigEndian: true);
    }

    [Fact]
    public void The_private_operation_inverts_the_public_one() =>
        Gen.ULong.Sample(number =>
        {
            var message = number % (ulong)Key.Modulus;
            Assert.Equal(message, Key.Run(BigInteger.ModPow(message, Key.PublicExponent, Key.Modulus)));
        });

    /// <summary>Which of the primes is the larger one does not matter.</summary>
    [Theory]
    [InlineData("618970019642690137449562111", "162259276829213363391578010288127")]
    [InlineData("162259276829213363391578010288127", "618970019642690137449562111")]
    public void The_private_operation_inverts_the_public_one_for_a_key_of_several_limbs(string p, string q)
    {
        var key = Numbers.Of(BigInteger.Parse(p, CultureInfo.InvariantCulture), BigInteger.Parse(q, CultureInfo.InvariantCulture));
        Assert.True(key.IsConsistent);
        Gen.Byte.Array[1, 24].Sample(bytes =>
        {
            var message = new BigInteger(bytes, isUnsigned: true) % key.Modulus;
            Assert.Equal(message, key.Run(BigInteger.ModPow(message, key.PublicExponent, key.Modulus)));
        }, iter: 50);
    }

    [Fact]
    public void A_private_exponent_that_is_wrong_for_one_prime_is_detected()
    {
        // The private exponent is right for p and wrong for q.
        var faulty = Key with { PrivateExponent = Key.PrivateExponent + (2 * (Key.P - 1)) };
        Assert.NotNull(Key.Run(12345));
        Assert.Null(faulty.Run(12345));
    }

    [Fact]
    public void A_number_not_smaller_than_the_modulus_is_refused()
    {
        Assert.Null(Key.Run(Key.Modulus));
        Assert.Null(Key.Run(Key.Modulus << 64));
    }

    [Fact]
    public void Inconsistent_RSA_numbers_are_refused()
    {
        Assert.True(Key.IsConsistent);
        Numbers[] wrong =
        [
            Key with { P = Key.P + 2 }, Key with { U = Key.U + 1 }, Key with { Modulus = Key.Modulus + 2 },
            Key with { Modulus = Key.Modulus << 64 },
            Key with { PublicExponent = 1 }, Key with { PublicExponent = 2 }, Key with { P = 1, Q = Key.Modulus }, Key with { P = 0 },
            Key with { Q = 4 },
        ];
        Assert.All(wrong, key => Assert.False(key.IsConsistent));
    }

    [Fact]
    public void An_inverse_multiplies_to_one() =>
        Gen.Select(Gen.ULong[1, ulong.MaxValue], Gen.ULong[2, ulong.MaxValue]).Sample((value, modulus) =>
        {
            var inverse = BigNumber.Inverse(value, modulus);
            Assert.Equal(
                BigInteger.GreatestCommonDivisor(value, modulus).IsOne ? BigInteger.One : BigInteger.Zero, inverse * value % modulus);
            Assert.InRange(inverse, BigInteger.Zero, modulus - BigInteger.One);
        });

    [Fact]
    public void Random_numbers_stay_within_their_limits() =>
        Gen.UInt[2, 9].Sample(limit => Assert.InRange(BigNumber.RandomBelow(limit), BigInteger.One, limit - BigInteger.One));
}
