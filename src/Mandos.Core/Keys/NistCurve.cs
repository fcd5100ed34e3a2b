using System.Runtime.CompilerServices;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;

namespace Mandos.Core.Keys;

/// <summary>The domain parameters of a NIST curve (SP 800-186, 3.2.1), over BouncyCastle's field arithmetic made for that curve.</summary>
/// <remarks>
/// Those classes are internal, and the tables that refer to them would link all curves. Their constructors are called directly instead; a
/// renamed class fails the first test of this type.
/// </remarks>
internal static class NistCurve
{
    /// <summary>Creates the parameters of a curve; cheap until the first multiplication.</summary>
    internal static ECDomainParameters Create(NistCurveName name) => name switch
    {
        NistCurveName.P256 => Create((ECCurve)NewP256(),
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        NistCurveName.P384 => Create((ECCurve)NewP384(),
            "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
        _ => Create((ECCurve)NewP521(),
            "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
            "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"),
    };

    /// <summary>
    /// Converts a point other than infinity from Jacobian coordinates (x/z², y/z³) to affine ones. BouncyCastle's own Normalize blinds the
    /// inversion, although it takes the same time for every z on these curves, and for that starts the system's random generator: libssl,
    /// which early boot lacks.
    /// </summary>
    internal static (ECFieldElement X, ECFieldElement Y) ToAffine(ECPoint point)
    {
        var inverse = point.GetZCoord(0).Invert();
        var square = inverse.Square();
        return (point.XCoord.Multiply(square), point.YCoord.Multiply(square).Multiply(inverse));
    }

    private static ECDomainParameters Create(ECCurve curve, string generator, string order) =>
        new(curve, curve.DecodePoint(Convert.FromHexString(generator)), new BigInteger(order, 16), BigInteger.One);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType("Org.BouncyCastle.Math.EC.Custom.Sec.SecP256R1Curve, BouncyCastle.Cryptography")]
    private static extern object NewP256();

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType("Org.BouncyCastle.Math.EC.Custom.Sec.SecP384R1Curve, BouncyCastle.Cryptography")]
    private static extern object NewP384();

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType("Org.BouncyCastle.Math.EC.Custom.Sec.SecP521R1Curve, BouncyCastle.Cryptography")]
    private static extern object NewP521();
}
