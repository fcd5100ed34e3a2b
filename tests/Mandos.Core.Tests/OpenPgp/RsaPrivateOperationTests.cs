using System.Numerics;
using CsCheck;
using Mandos.Core.OpenPgp;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class RsaPrivateOperationTests
{
    private static readonly RsaPrivateOperation.Numbers Key = SmallKey(p: 1_000_003, q: 999_983);

    [Fact]
    public void It_undoes_the_public_operation() =>
        Gen.ULong.Sample(number =>
        {
            var message = number % Key.Modulus;
            Assert.Equal(message, RsaPrivateOperation.Run(BigInteger.ModPow(message, Key.PublicExponent, Key.Modulus), Key));
        });

    [Fact]
    public void A_wrong_half_is_found_out()
    {
        // The private exponent is right for p and wrong for q.
        var faulty = Key with { PrivateExponent = Key.PrivateExponent + (2 * (Key.P - 1)) };
        Assert.NotNull(RsaPrivateOperation.Run(12345, Key));
        Assert.Null(RsaPrivateOperation.Run(12345, faulty));
    }

    [Fact]
    public void A_number_beyond_the_modulus_is_refused() =>
        Assert.Null(RsaPrivateOperation.Run(Key.Modulus, Key));

    [Fact]
    public void Numbers_that_do_not_belong_together_are_refused()
    {
        Assert.True(RsaPrivateOperation.IsConsistent(Key));
        Assert.False(RsaPrivateOperation.IsConsistent(Key with { P = Key.P + 2 }));
        Assert.False(RsaPrivateOperation.IsConsistent(Key with { U = Key.U + 1 }));
        Assert.False(RsaPrivateOperation.IsConsistent(Key with { Modulus = Key.Modulus + 2 }));
        Assert.False(RsaPrivateOperation.IsConsistent(Key with { PublicExponent = 1 }));
        Assert.False(RsaPrivateOperation.IsConsistent(Key with { P = 1, Q = Key.Modulus }));
    }

    [Fact]
    public void An_inverse_multiplies_to_one() =>
        Gen.Select(Gen.ULong[1, ulong.MaxValue], Gen.ULong[2, ulong.MaxValue]).Sample((value, modulus) =>
        {
            var inverse = BigNumber.Inverse(value, modulus);
            Assert.Equal(BigInteger.GreatestCommonDivisor(value, modulus).IsOne ? BigInteger.One : BigInteger.Zero, inverse * value % modulus);
            Assert.InRange(inverse, BigInteger.Zero, modulus - BigInteger.One);
        });

    [Fact]
    public void Random_numbers_keep_their_bounds() =>
        Gen.UInt[2, 9].Sample(limit => Assert.InRange(BigNumber.RandomBelow(limit), BigInteger.One, limit - BigInteger.One));

    private static RsaPrivateOperation.Numbers SmallKey(BigInteger p, BigInteger q)
    {
        var order = (p - 1) * (q - 1);
        return new(p * q, 65537, BigNumber.Inverse(65537, order), p, q, BigNumber.Inverse(p, q));
    }
}
