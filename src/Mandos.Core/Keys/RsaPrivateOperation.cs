using System.Numerics;
using Mandos.Core.Linux;

namespace Mandos.Core.Keys;

/// <summary>
/// The private RSA operation m = c^d mod n by the Chinese remainder theorem (RFC 8017, 5.1.2), several times faster than
/// BouncyCastle's. The input is blinded, as <see cref="BigInteger"/> does not take the same time for all numbers, and the
/// result is checked with the public key, as one fault in one half would give the factors away.
/// </summary>
internal readonly ref struct RsaPrivateOperation
{
    private readonly BigInteger _modulus, _exponent, _p, _q, _dP, _dQ, _qInverse;

    /// <summary>Unsigned big-endian numbers as in RSAPrivateKey (RFC 8017, A.1.2).</summary>
    internal RsaPrivateOperation(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> p,
        ReadOnlySpan<byte> q, ReadOnlySpan<byte> dP, ReadOnlySpan<byte> dQ, ReadOnlySpan<byte> qInverse)
    {
        _modulus = Number(modulus);
        _exponent = Number(exponent);
        _p = Number(p);
        _q = Number(q);
        _dP = Number(dP);
        _dQ = Number(dQ);
        _qInverse = Number(qInverse);
    }

    /// <summary>True if the numbers make a key: n = pq, and each half's exponent undoes the public one.</summary>
    internal bool IsConsistent =>
        _p > BigInteger.One && _q > BigInteger.One && _p * _q == _modulus
        && _exponent * _dP % (_p - 1) == BigInteger.One
        && _exponent * _dQ % (_q - 1) == BigInteger.One
        && _qInverse * _q % _p == BigInteger.One;

    /// <summary>Computes c^d mod n into as many bytes as the modulus has.</summary>
    /// <exception cref="InvalidOperationException">The result does not check with the public key: damaged key or memory.</exception>
    internal void Apply(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var c = Number(input);
        var (blinding, unblinding) = NewBlinding(output.Length);
        var blinded = c * BigInteger.ModPow(blinding, _exponent, _modulus) % _modulus;
        var mP = BigInteger.ModPow(blinded % _p, _dP, _p);
        var mQ = BigInteger.ModPow(blinded % _q, _dQ, _q);
        var h = (mP - mQ) % _p * _qInverse % _p;
        if (h.Sign < 0)
            h += _p;
        var m = (mQ + h * _q) * unblinding % _modulus;
        if (BigInteger.ModPow(m, _exponent, _modulus) != c)
            throw new InvalidOperationException("the RSA private operation gave a wrong result");
        output.Clear();
        if (!m.TryWriteBytes(output[(output.Length - m.GetByteCount(isUnsigned: true))..], out _, isUnsigned: true, isBigEndian: true))
            throw new InvalidOperationException("the RSA private operation gave a wrong result");
    }

    private (BigInteger Value, BigInteger Inverse) NewBlinding(int length)
    {
        Span<byte> random = stackalloc byte[length + 8];
        for (; ; )
        {
            SystemRandom.Fill(random);
            var value = Number(random) % _modulus;
            if (TryInvert(value, _modulus, out var inverse))
                return (value, inverse);
        }
    }

    /// <summary>The extended Euclidean algorithm.</summary>
    private static bool TryInvert(BigInteger value, BigInteger modulus, out BigInteger inverse)
    {
        var (r, nextR) = (modulus, value);
        var (t, nextT) = (BigInteger.Zero, BigInteger.One);
        while (!nextR.IsZero)
        {
            var quotient = BigInteger.DivRem(r, nextR, out var remainder);
            (r, nextR) = (nextR, remainder);
            (t, nextT) = (nextT, t - quotient * nextT);
        }
        inverse = t.Sign < 0 ? t + modulus : t;
        return r.IsOne;
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
