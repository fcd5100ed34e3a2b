using System.Numerics;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Core.Arithmetic;

/// <summary>What System.Numerics leaves out for public-key arithmetic.</summary>
/// <remarks>
/// A BigInteger lies on the managed heap and cannot be wiped: it is for public numbers, and for the random ones that blind a
/// private operation. Secret numbers are for <see cref="SecretModulus"/>.
/// </remarks>
internal static class BigNumber
{
    public static BigInteger Of(ReadOnlySpan<byte> bigEndian) => new(bigEndian, isUnsigned: true, isBigEndian: true);

    /// <summary>Writes a number that fits, with zeros before it.</summary>
    public static void Write(BigInteger value, Span<byte> bigEndian)
    {
        var length = value.GetByteCount(isUnsigned: true);
        bigEndian[..^length].Clear();
        value.TryWriteBytes(bigEndian[^length..], out _, isUnsigned: true, isBigEndian: true);
    }

    /// <summary>A number between 1 and <paramref name="limit"/>, not included, unpredictable.</summary>
    public static BigInteger RandomBelow(BigInteger limit)
    {
        // 64 bits more than the limit has: what the remainder prefers is too little to be seen.
        Span<byte> bytes = stackalloc byte[limit.GetByteCount(isUnsigned: true) + 8];
        SystemRandom.Fill(bytes);
        var number = Of(bytes);
        SecretBuffer.Wipe(bytes);
        return (number % (limit - 1)) + 1;
    }

    /// <summary>
    /// The number that gives 1 with <paramref name="value"/> modulo <paramref name="modulus"/> (Euclid, extended); 0 if there is
    /// none.
    /// </summary>
    public static BigInteger Inverse(BigInteger value, BigInteger modulus)
    {
        BigInteger a = modulus, b = value % modulus, x = BigInteger.Zero, y = BigInteger.One;
        while (!b.IsZero)
        {
            var quotient = BigInteger.DivRem(a, b, out var remainder);
            (a, b) = (b, remainder);
            (x, y) = (y, x - (quotient * y));
        }

        if (!a.IsOne)
            return BigInteger.Zero;
        return x.Sign < 0 ? x + modulus : x;
    }
}
