using System.Numerics;
using Mandos.Core.Arithmetic;
using Mandos.Core.OpenPgp.Packets;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>Whether a public key made a signature over a hash.</summary>
internal static class SignatureCheck
{
    /// <summary>The octet before the 32 octets of a native point.</summary>
    private const byte NativePoint = 0x40;

    /// <summary>1.3.6.1.4.1.11591.15.1.</summary>
    private static ReadOnlySpan<byte> Ed25519Curve => [0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01];

    /// <summary>Checks one signature over a hash.</summary>
    /// <returns><see cref="SignatureState.NotVerified"/> for an algorithm that is not supported.</returns>
    public static SignatureState Verify(PublicKeyPacket key, SignaturePacket signature, ReadOnlySpan<byte> hash) => key.Algorithm switch
    {
        PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaSignOnly => StateOf(VerifyRsa(key, signature, hash)),
        PublicKeyAlgorithm.Dsa => StateOf(VerifyDsa(key, signature, hash)),
        PublicKeyAlgorithm.Ecdsa => VerifyEcdsa(key, signature, hash),
        PublicKeyAlgorithm.EdDsaLegacy => VerifyEdDsaLegacy(key, signature, hash),
        PublicKeyAlgorithm.Ed25519 => StateOf(VerifyEd25519(key, signature, hash)),
        _ => SignatureState.NotVerified,
    };

    private static SignatureState StateOf(bool valid) => valid ? SignatureState.Valid : SignatureState.Invalid;

    private static bool VerifyRsa(PublicKeyPacket key, SignaturePacket signature, ReadOnlySpan<byte> hash)
    {
        var numbers = key.Numbers;
        var modulus = BigNumber.Of(numbers.Number());
        var exponent = BigNumber.Of(numbers.Number());
        var fields = new FieldReader(signature.Numbers);
        var value = BigNumber.Of(fields.Number());
        if (!fields.AtEnd || modulus.IsZero || value >= modulus)
            return false;
        var length = modulus.GetByteCount(isUnsigned: true);
        var expected = Pkcs1Padding.SignatureBlock(signature.HashAlgorithm, hash, length);
        return expected.Length > 0 && BigInteger.ModPow(value, exponent, modulus) == BigNumber.Of(expected);
    }

    /// <summary>FIPS 186-4 section 4.7; upstream's first keys sign with DSA.</summary>
    private static bool VerifyDsa(PublicKeyPacket key, SignaturePacket signature, ReadOnlySpan<byte> hash)
    {
        var numbers = key.Numbers;
        var p = BigNumber.Of(numbers.Number());
        var q = BigNumber.Of(numbers.Number());
        var g = BigNumber.Of(numbers.Number());
        var y = BigNumber.Of(numbers.Number());
        var fields = new FieldReader(signature.Numbers);
        var r = BigNumber.Of(fields.Number());
        var s = BigNumber.Of(fields.Number());
        if (!fields.AtEnd || q.IsZero || p <= q || r.IsZero || r >= q || s.IsZero || s >= q)
            return false;
        var inverse = BigNumber.Inverse(s, q);
        var digest = BigNumber.Of(hash[..Math.Min(hash.Length, q.GetByteCount(isUnsigned: true))]);
        var left = BigInteger.ModPow(g, digest * inverse % q, p);
        var right = BigInteger.ModPow(y, r * inverse % q, p);
        return left * right % p % q == r;
    }

    private static SignatureState VerifyEcdsa(PublicKeyPacket key, SignaturePacket signature, ReadOnlySpan<byte> hash)
    {
        var numbers = key.Numbers;
        if (EllipticCurve.Of(numbers.ShortField()) is not { } curve)
            return SignatureState.NotVerified;
        var fields = new FieldReader(signature.Numbers);
        var r = BigNumber.Of(fields.Number());
        var s = BigNumber.Of(fields.Number());
        return StateOf(fields.AtEnd && new EcdsaCheck(curve).Verify(numbers.Number(), r, s, hash));
    }

    private static SignatureState VerifyEdDsaLegacy(PublicKeyPacket key, SignaturePacket signature, ReadOnlySpan<byte> hash)
    {
        var numbers = key.Numbers;
        if (!numbers.ShortField().SequenceEqual(Ed25519Curve) || numbers.Number() is not [NativePoint, .. { Length: 32 } point])
            return SignatureState.NotVerified;
        var fields = new FieldReader(signature.Numbers);
        var r = fields.Number();
        var s = fields.Number();
        if (!fields.AtEnd || r.Length > 32 || s.Length > 32)
            return SignatureState.Invalid;
        Span<byte> joined = stackalloc byte[Ed25519.SignatureSize];
        r.CopyTo(joined[(32 - r.Length)..]);
        s.CopyTo(joined[(64 - s.Length)..]);
        return StateOf(Ed25519.Verify(joined, point, hash));
    }

    private static bool VerifyEd25519(PublicKeyPacket key, SignaturePacket signature, ReadOnlySpan<byte> hash) =>
        signature.Numbers.Length == Ed25519.SignatureSize
        && Ed25519.Verify(signature.Numbers, key.Numbers.Bytes(32), hash);
}
