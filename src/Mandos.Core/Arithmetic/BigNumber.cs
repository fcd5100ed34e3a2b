using System.Numerics;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Core.Arithmetic;

/// <summary>Public-key arithmetic that System.Numerics lacks.</summary>
/// <remarks>
/// A BigInteger is on the managed heap and cannot be wiped: it is only for public numbers, and for random numbers that blind a private
/// operation. For secret numbers see <see cref="SecretModulus"/>.
/// </remarks>
internal static class BigNumber
{
    public static BigInteger Of(ReadOnlySpan<byte> bigEndian) => new(bigEndian, isUnsigned: true, isBigEndian: true);

    /// <summary>Writes a number that fits, padded with leading zeros.</summary>
    public static void Write(BigInteger value, Span<byte> bigEndian)
    {
        var length = value.GetByteCount(isUnsigned: true);
        bigEndian[..^length].Clear();
        value.TryWriteBytes(bigEndian[^length..], out _, isUnsigned: true, isBigEndian: true);
    }

    /// <summary>Returns an unpredictable number from 1 to <paramref name="limit"/>, exclusive.</summary>
    public static BigInteger RandomBelow(BigInteger limit)
    {
        // With 64 bits more than the limit, the bias of the remainder is negligible.
        Span<byte> bytes = stackalloc byte[limit.GetByteCount(isUnsigned: true) + 8];
        SystemRandom.Fill(bytes);
        var number = Of(bytes);
        SecretBuffer.Wipe(bytes);
        return (number % (limit - 1)) + 1;
    }

    /// <summary>
    /// Returns the inverse of <paramref name="value"/> modulo <paramref name="modulus"/> (extended Euclid); 0 if there is none.
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
