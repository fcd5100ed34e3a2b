using System.Numerics;

namespace Mandos.Core.OpenPgp;

/// <summary>
/// c^d mod n by the Chinese remainder theorem. It is blinded, since the sender chooses c and could read the key out of the
/// time it takes, and checked against the public exponent, since one wrong bit in one half would give the key away.
/// </summary>
internal static class RsaPrivateOperation
{
    /// <summary>A key: n, e, d, the primes p and q, and u = 1/p mod q.</summary>
    internal readonly record struct Numbers(
        BigInteger Modulus, BigInteger PublicExponent, BigInteger PrivateExponent, BigInteger P, BigInteger Q, BigInteger U);

    /// <summary>What can be told without a private operation.</summary>
    public static bool IsConsistent(in Numbers key) =>
        key.P > BigInteger.One && key.Q > BigInteger.One
        && !key.P.IsEven && !key.Q.IsEven && !key.PublicExponent.IsEven && key.PublicExponent > BigInteger.One
        && key.P * key.Q == key.Modulus
        && (key.U * key.P % key.Q).IsOne;

    /// <returns>Null if <paramref name="cipherText"/> is not below the modulus or the check fails.</returns>
    public static BigInteger? Run(BigInteger cipherText, Numbers key)
    {
        if (cipherText >= key.Modulus)
            return null;
        var blind = BigNumber.RandomBelow(key.Modulus);
        var blinded = cipherText * BigInteger.ModPow(blind, key.PublicExponent, key.Modulus) % key.Modulus;

        BigInteger modP = default, modQ = default;
        // Half the time where there is a second core; a thread of its own, because the pool would have to be started for it.
        if (Environment.ProcessorCount > 1)
        {
            var half = new Thread(() => modP = Half(blinded, key.PrivateExponent, key.P));
            half.Start();
            modQ = Half(blinded, key.PrivateExponent, key.Q);
            half.Join();
        }
        else
        {
            modP = Half(blinded, key.PrivateExponent, key.P);
            modQ = Half(blinded, key.PrivateExponent, key.Q);
        }

        var difference = ((modQ - modP) % key.Q) + key.Q;
        var joined = modP + (key.U * difference % key.Q * key.P);
        var message = joined * BigNumber.Inverse(blind, key.Modulus) % key.Modulus;
        return BigInteger.ModPow(message, key.PublicExponent, key.Modulus) == cipherText ? message : null;
    }

    private static BigInteger Half(BigInteger value, BigInteger exponent, BigInteger prime) =>
        SecretPower.Of(value % prime, exponent % (prime - 1), prime);
}
