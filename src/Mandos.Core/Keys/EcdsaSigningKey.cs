using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC.Multiplier;
using Org.BouncyCastle.Utilities;

namespace Mandos.Core.Keys;

/// <summary>An ECDSA key on a NIST curve (RFC 5915), with deterministic nonces (RFC 6979).</summary>
internal sealed class EcdsaSigningKey : TlsSigningKey
{
    private readonly NistCurveName _curve;
    private readonly ECDomainParameters _domain;
    private readonly SecretBuffer _scalar;

    private EcdsaSigningKey(NistCurveName curve, ECDomainParameters domain, SecretBuffer scalar)
    {
        _curve = curve;
        _domain = domain;
        _scalar = scalar;
        Schemes = [NistCurveNames.ToScheme(curve)];
    }

    internal override string Name => $"ECDSA {NistCurveNames.ToText(_curve)}";

    internal override IReadOnlyList<int> Schemes { get; }

    internal static EcdsaSigningKey Create(NistCurveName curve, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> privateKey)
    {
        var outer = new DerReader(privateKey);
        var reader = outer.Enter(DerReader.Sequence);
        outer.End();
        if (reader.Read(DerReader.Integer) is not [1])
            throw new KeyFormatException("an ECDSA private key of an unknown version");
        var scalar = reader.Read(DerReader.OctetString);
        var domain = NistCurve.Create(curve);
        var d = new BigInteger(1, scalar);
        if (d.SignValue == 0 || d.CompareTo(domain.N) >= 0)
            throw new KeyFormatException("an ECDSA private key that is out of range");
        var (x, y) = NistCurve.ToAffine(new FixedPointCombMultiplier().Multiply(domain.G, d));
        // A compressed point is legal in the public file, so points are compared, not bytes.
        var point = ReadPoint(domain, publicKey);
        if (point.IsInfinity || !x.Equals(point.AffineXCoord) || !y.Equals(point.AffineYCoord))
            throw NotAPair();
        return new(curve, domain, SecretBuffer.CopyOf(scalar));
    }

    /// <summary>
    /// FIPS 186-5, 6.4.1, in the words of BouncyCastle's ECDsaSigner, which links every digest there is for a random generator it
    /// would not use.
    /// </summary>
    internal override byte[] Sign(int scheme, ReadOnlySpan<byte> message)
    {
        var digest = NewDigest();
        digest.BlockUpdate(message);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash, 0);
        // No hash here is longer than the order, so all of its bits count.
        var e = new BigInteger(1, hash);
        var (n, d) = (_domain.N, new BigInteger(1, _scalar.Span));
        var nonces = new HMacDsaKCalculator(digest);
        nonces.Init(n, d, hash);
        for (; ; )
        {
            var k = nonces.NextK();
            var r = NistCurve.ToAffine(new FixedPointCombMultiplier().Multiply(_domain.G, k)).X.ToBigInteger().Mod(n);
            var s = BigIntegers.ModOddInverse(n, k).Multiply(e.Add(d.Multiply(r))).Mod(n);
            if (r.SignValue != 0 && s.SignValue != 0)
                return EncodePair(r.ToByteArray(), s.ToByteArray());
        }
    }

    public override void Dispose() => _scalar.Dispose();

    private static Org.BouncyCastle.Math.EC.ECPoint ReadPoint(ECDomainParameters domain, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return domain.Curve.DecodePoint(bytes);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or ArithmeticException)
        {
            throw new KeyFormatException("the public key is not a point of its curve", e);
        }
    }

    private IDigest NewDigest() => _curve switch
    {
        NistCurveName.P256 => new Sha256Digest(),
        NistCurveName.P384 => new Sha384Digest(),
        _ => new Sha512Digest(),
    };

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
