using Mandos.Core.Arithmetic;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Mandos.Core.Keys;

/// <summary>
/// An ECDSA key on a NIST curve (RFC 5915), with deterministic nonces (RFC 6979). Its secret numbers are only in locked memory.
/// </summary>
internal sealed unsafe class EcdsaSigningKey : TlsSigningKey
{
    private readonly NistCurveName _name;
    private readonly EllipticCurve _curve;
    private readonly SecretBuffer _scalar;

    private EcdsaSigningKey(NistCurveName name, EllipticCurve curve, SecretBuffer scalar)
    {
        _name = name;
        _curve = curve;
        _scalar = scalar;
        Schemes = [NistCurveNames.ToScheme(name)];
    }

    internal override string Name => $"ECDSA {NistCurveNames.ToText(_name)}";

    internal override IReadOnlyList<int> Schemes { get; }

    internal static EcdsaSigningKey Create(NistCurveName name, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> privateKey)
    {
        var outer = new DerReader(privateKey);
        var reader = outer.Enter(DerReader.Sequence);
        outer.End();
        if (reader.Read(DerReader.Integer) is not [1])
            throw new KeyFormatException("an ECDSA private key of an unknown version");
        var curve = EllipticCurve.Of(NistCurveNames.ToOid(name))!;
        var number = reader.Read(DerReader.OctetString).TrimStart((byte)0);
        var scalar = new SecretBuffer(curve.Length);
        scalar.SetLength(curve.Length);
        var key = new EcdsaSigningKey(name, curve, scalar);
        try
        {
            if (number.Length <= curve.Length)
                number.CopyTo(scalar.Span[^number.Length..]);
            if (number.Length > curve.Length || !curve.HasScalar(scalar.Span))
                throw new KeyFormatException("an ECDSA private key that is out of range");
            key.CheckPair(publicKey);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>FIPS 186-5, 6.4.1.</summary>
    internal override byte[] Sign(int scheme, ReadOnlySpan<byte> message)
    {
        var digest = NewDigest();
        digest.BlockUpdate(message);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash, 0);
        var (r, s) = SignHash(hash, digest);
        return EncodePair(SignedInteger(r), SignedInteger(s));
    }

    public override void Dispose() => _scalar.Dispose();

    /// <summary>s = (hash + r * key) / nonce modulo the order, where r is the x coordinate of the generator times the nonce.</summary>
    private (byte[] R, byte[] S) SignHash(ReadOnlySpan<byte> hash, IDigest digest)
    {
        using var order = new SecretModulus(_curve.Order, 6);
        ulong* key = order.New(), nonce = order.New(), r = order.New(), s = order.New(), e = order.New(), scratch = order.New();
        var reduced = new byte[_curve.Length];
        // No hash here is longer than the order, so all of its bits count.
        order.Reduce(hash, e);
        LimbArithmetic.Save(e, order.Limbs, reduced);
        order.Reduce(_scalar.Span, key);
        order.Enter(key, key);
        using var nonces = new EcdsaNonces(_curve, digest, _scalar.Span, reduced);
        while (true)
        {
            using var drawn = nonces.Next();
            using var x = SharedPoint.Of(_curve, drawn.Span, _curve.Generator)!;
            order.Reduce(x.Span, r);
            // One factor is in Montgomery's form, so that the product is not.
            order.Multiply(key, r, s);
            order.Add(s, e, s);
            order.Reduce(drawn.Span, nonce);
            order.Enter(nonce, nonce);
            order.Invert(nonce, scratch);
            order.Multiply(s, nonce, s);
            byte[] first = new byte[_curve.Length], second = new byte[_curve.Length];
            LimbArithmetic.Save(r, order.Limbs, first);
            LimbArithmetic.Save(s, order.Limbs, second);
            if (first.AsSpan().ContainsAnyExcept((byte)0) && second.AsSpan().ContainsAnyExcept((byte)0))
                return (first, second);
        }
    }

    /// <summary>Checks that the private key matches the public one, which must verify its signatures.</summary>
    private void CheckPair(ReadOnlySpan<byte> publicKey)
    {
        var (x, y) = ReadPoint(publicKey);
        var digest = NewDigest();
        var hash = new byte[digest.GetDigestSize()];
        // Not 0, for which the opposite point would match too.
        digest.DoFinal(hash, 0);
        var (r, s) = SignHash(hash, digest);
        if (!new EcdsaCheck(_curve).Verify([4, .. x, .. y], BigNumber.Of(r), BigNumber.Of(s), hash))
            throw NotAPair();
    }

    /// <summary>Returns the coordinates of the public key, which may be compressed.</summary>
    private (byte[] X, byte[] Y) ReadPoint(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var point = NistCurve.Create(_name).Curve.DecodePoint(bytes);
            if (point.IsInfinity)
                throw NotAPair();
            return (point.AffineXCoord.GetEncoded(), point.AffineYCoord.GetEncoded());
        }
        catch (Exception e) when (e is ArgumentException or FormatException or ArithmeticException)
        {
            throw new KeyFormatException("the public key is not a point of its curve", e);
        }
    }

    private IDigest NewDigest() => _name switch
    {
        NistCurveName.P256 => new Sha256Digest(),
        NistCurveName.P384 => new Sha384Digest(),
        _ => new Sha512Digest(),
    };

    /// <summary>Encodes an integer in DER: without leading zeros, except one if it would be negative.</summary>
    private static byte[] SignedInteger(ReadOnlySpan<byte> number)
    {
        number = number.TrimStart((byte)0);
        return number[0] < 0x80 ? number.ToArray() : [0, .. number];
    }

    /// <summary>SEQUENCE { INTEGER r, INTEGER s } (RFC 8446, 4.2.3); at most 139 bytes of content.</summary>
    private static byte[] EncodePair(byte[] r, byte[] s)
    {
        var length = 4 + r.Length + s.Length;
        ReadOnlySpan<byte> header = length < 0x80
            ? [DerReader.Sequence, (byte)length]
            : [DerReader.Sequence, 0x81, (byte)length];
        return [.. header, DerReader.Integer, (byte)r.Length, .. r, DerReader.Integer, (byte)s.Length, .. s];
    }
}
