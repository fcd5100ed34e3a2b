using System.Numerics;
using CsCheck;
using Mandos.Core.OpenPgp;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class SecretPowerTests
{
    // Random bytes, and those at the edges of a limb, where carries go wrong.
    private static readonly Gen<byte[]> Bytes =
        Gen.Frequency((3, Gen.Byte), (1, Gen.Const<byte>(0)), (1, Gen.Const<byte>(0xff))).Array[1, 130];

    private static readonly Gen<BigInteger> Numbers = Gen.OneOf(
        Bytes.Select(BigNumberOf),
        Gen.Int[1, 1100].Select(bits => (BigInteger.One << bits) - 1),
        Gen.Int[1, 1100].Select(bits => BigInteger.One << bits));

    [Fact]
    public void It_is_the_power_that_System_Numerics_finds() =>
        Gen.Select(Numbers, Numbers, Numbers).Sample(
            (number, exponent, modulus) =>
            {
                modulus = (modulus | 1) + 2;
                var (b, e) = (number % modulus, exponent % modulus);
                Assert.Equal(BigInteger.ModPow(b, e, modulus), SecretPower.Of(b, e, modulus));
            },
            iter: 100);

    [Theory]
    [InlineData(0, 0, 3, 1)]
    [InlineData(2, 0, 3, 1)]
    [InlineData(0, 2, 3, 0)]
    [InlineData(2, 1, 3, 2)]
    [InlineData(2, 2, 3, 1)]
    public void The_smallest_numbers_are_no_exception(int number, int exponent, int modulus, int expected) =>
        Assert.Equal(expected, SecretPower.Of(number, exponent, modulus));

    [Fact]
    public void One_less_than_the_modulus_squared_is_one() =>
        Gen.Int[2, 600].Sample(bits =>
        {
            var modulus = (BigInteger.One << bits) - 1;
            Assert.Equal(BigInteger.One, SecretPower.Of(modulus - 1, 2, modulus));
        });

    private static BigInteger BigNumberOf(byte[] bytes) => new(bytes, isUnsigned: true);
}
