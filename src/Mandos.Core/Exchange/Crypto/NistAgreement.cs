using Mandos.Core.Keys;
using Mandos.Core.Linux;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using Org.BouncyCastle.Math.EC.Multiplier;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>Key exchange on a NIST curve (RFC 8446, 4.2.8.2 and 7.4.2), for peers without X25519.</summary>
internal sealed class NistAgreement(SlimTlsCrypto crypto, NistCurveName name) : TlsECDomain, TlsAgreement
{
    private const byte UncompressedPoint = 4;

    private readonly ECDomainParameters _domain = NistCurve.Create(name);
    private BigInteger? _scalar;
    private ECPoint? _peer;

    public TlsAgreement CreateECDH() => this;

    public void ReceivePeerValue(byte[] peerValue)
    {
        if (!NistCurveNames.IsUncompressed(peerValue, name))
            throw new TlsFatalAlert(AlertDescription.illegal_parameter);
        try
        {
            // Rejects a point that is not on the curve; the cofactor is 1.
            _peer = _domain.Curve.DecodePoint(peerValue);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or ArithmeticException)
        {
            throw new TlsFatalAlert(AlertDescription.illegal_parameter, e);
        }
    }

    public byte[] GenerateEphemeral()
    {
        _scalar = NewScalar();
        var (x, y) = NistCurve.ToAffine(new FixedPointCombMultiplier().Multiply(_domain.G, _scalar));
        return [UncompressedPoint, .. x.GetEncoded(), .. y.GetEncoded()];
    }

    public TlsSecret CalculateSecret()
    {
        var shared = _peer!.Multiply(_scalar!);
        _scalar = null;
        return shared.IsInfinity
            ? throw new TlsFatalAlert(AlertDescription.illegal_parameter)
            : new HkdfSecret(crypto, NistCurve.ToAffine(shared).X.GetEncoded());
    }

    /// <summary>Returns a uniformly random number from 1 to n-1 (FIPS 186-5, A.2.2).</summary>
    private BigInteger NewScalar()
    {
        Span<byte> random = stackalloc byte[(_domain.N.BitLength + 7) / 8];
        for (; ; )
        {
            SystemRandom.Fill(random);
            random[0] &= (byte)(0xFF >> (8 * random.Length - _domain.N.BitLength));
            var scalar = new BigInteger(1, random);
            if (scalar.SignValue > 0 && scalar.CompareTo(_domain.N) < 0)
            {
                random.Clear();
                return scalar;
            }
        }
    }
}
