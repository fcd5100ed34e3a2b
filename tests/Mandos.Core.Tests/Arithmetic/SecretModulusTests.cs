using System.Numerics;
using CsCheck;
using Mandos.Core.Arithmetic;

namespace Mandos.Core.Tests.Arithmetic;

public sealed unsafe class SecretModulusTests
{
    // Random bytes, and those at the edges of a limb, where carries go wrong.
    private static readonly Gen<byte[]> Bytes =
        Gen.Frequency((3, Gen.Byte), (1, Gen.Const<byte>(0)), (1, Gen.Const<byte>(0xff))).Array[1, 130];

    private static readonly Gen<BigInteger> Numbers = Gen.OneOf(
        Bytes.Select(bytes => new BigInteger(bytes, isUnsigned: true)),
        Gen.Int[1, 1100].Select(bits => (BigInteger.One << bits) - 1),
        Gen.Int[1, 1100].Select(bits => BigInteger.One << bits));

    private static readonly Gen<BigInteger> Moduli = Numbers.Select(number => (number | 1) + 2);

    [Fact]
    public void A_modular_power_agrees_with_System_Numerics() =>
        Gen.Select(Numbers, Numbers, Moduli).Sample(
            (number, exponent, modulus) =>
                Assert.Equal(BigInteger.ModPow(number % modulus, exponent, modulus), Power(number, exponent, modulus)),
            iter: 100);

    [Theory]
    [InlineData(0, 0, 3, 1)]
    [InlineData(2, 0, 3, 1)]
    [InlineData(0, 2, 3, 0)]
    [InlineData(2, 1, 3, 2)]
    [InlineData(2, 2, 3, 1)]
    public void Powers_of_the_smallest_numbers_are_correct(int number, int exponent, int modulus, int expected) =>
        Assert.Equal(expected, Power(number, exponent, modulus));

    [Fact]
    public void The_square_of_the_modulus_minus_one_is_one() =>
        Gen.Int[2, 600].Sample(bits =>
        {
            var modulus = (BigInteger.One << bits) - 1;
            Assert.Equal(BigInteger.One, Power(modulus - 1, 2, modulus));
        });

    [Fact]
    public void Sums_and_differences_match_those_of_System_Numerics() =>
        Gen.Select(Numbers, Numbers, Moduli).Sample((a, b, modulus) =>
        {
            using var field = new SecretModulus(Octets(modulus), 2);
            var x = field.New();
            var y = field.New();
            field.Reduce(Octets(a), x);
            field.Reduce(Octets(b), y);
            field.Add(x, y, x);
            Assert.Equal((a + b) % modulus, Number(x, field.Limbs));
            field.Subtract(x, y, x);
            Assert.Equal(a % modulus, Number(x, field.Limbs));
            field.Subtract(x, y, x);
            Assert.Equal((((a - b) % modulus) + modulus) % modulus, Number(x, field.Limbs));
        });

    [Fact]
    public void The_remainder_of_a_division_by_an_even_number_is_right() =>
        Gen.Select(Numbers, Numbers).Sample((number, divisor) =>
        {
            divisor += 2;
            var limbs = (Octets(divisor).Length + 7) / 8;
            using var memory = new Core.Secrets.SecretBuffer(3 * limbs * 8);
            var start = (ulong*)memory.Pin().Pointer;
            LimbArithmetic.Load(Octets(divisor), start, limbs);
            LimbArithmetic.Remainder(Octets(number), start, limbs, start + limbs, start + (2 * limbs));
            Assert.Equal(number % divisor, Number(start + limbs, limbs));
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void An_even_modulus_and_a_modulus_of_one_are_refused(int modulus) =>
        Assert.Throws<ArgumentException>(() => new SecretModulus([0, (byte)modulus], 0));

    private static BigInteger Power(BigInteger number, BigInteger exponent, BigInteger modulus)
    {
        using var field = new SecretModulus(Octets(modulus), 1);
        var limbs = (Octets(exponent).Length + 7) / 8;
        using var memory = new Core.Secrets.SecretBuffer(limbs * 8);
        var exponentLimbs = (ulong*)memory.Pin().Pointer;
        LimbArithmetic.Load(Octets(exponent), exponentLimbs, limbs);
        var power = field.New();
        field.Reduce(Octets(number), power);
        field.Enter(power, power);
        field.Power(power, exponentLimbs, limbs, power);
        field.Leave(power, power);
        return Number(power, field.Limbs);
    }

    private static byte[] Octets(BigInteger number) => number.ToByteArray(isUnsigned: true, isBigEndian: true);

    private static BigInteger Number(ulong* limbs, int count) => new(new ReadOnlySpan<byte>(limbs, count * 8), isUnsigned: true);
}
