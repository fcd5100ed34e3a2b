using Org.BouncyCastle.Tls;

namespace Mandos.Core.Keys;

/// <summary>The NIST curves that keys and key exchange may use (FIPS 186-5; SEC 2 calls them secp256r1 and so on).</summary>
internal enum NistCurveName
{
    P256 = 256,
    P384 = 384,
    P521 = 521,
}

/// <summary>The names of curves in key files.</summary>
internal static class NistCurveNames
{
    private const byte UncompressedPoint = 4;

    private static ReadOnlySpan<byte> P256 => [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
    private static ReadOnlySpan<byte> P384 => [0x2B, 0x81, 0x04, 0x00, 0x22];
    private static ReadOnlySpan<byte> P521 => [0x2B, 0x81, 0x04, 0x00, 0x23];

    /// <exception cref="KeyFormatException">Another curve.</exception>
    internal static NistCurveName FromOid(ReadOnlySpan<byte> oid) =>
        oid.SequenceEqual(P256) ? NistCurveName.P256 :
        oid.SequenceEqual(P384) ? NistCurveName.P384 :
        oid.SequenceEqual(P521) ? NistCurveName.P521 :
        throw new KeyFormatException("a key on an unsupported curve (P-256, P-384 and P-521 are supported)");

    /// <summary>Returns the OID of a curve.</summary>
    internal static ReadOnlySpan<byte> ToOid(NistCurveName name) => name switch
    {
        NistCurveName.P256 => P256,
        NistCurveName.P384 => P384,
        _ => P521,
    };

    /// <summary>Returns the curve of a TLS group; null if it is another one.</summary>
    internal static NistCurveName? FromGroup(int group) => group switch
    {
        NamedGroup.secp256r1 => NistCurveName.P256,
        NamedGroup.secp384r1 => NistCurveName.P384,
        NamedGroup.secp521r1 => NistCurveName.P521,
        _ => null,
    };

    /// <summary>Returns the signature scheme of its keys in TLS 1.3 (RFC 8446, 4.2.3).</summary>
    internal static int ToScheme(NistCurveName name) => name switch
    {
        NistCurveName.P256 => SignatureScheme.ecdsa_secp256r1_sha256,
        NistCurveName.P384 => SignatureScheme.ecdsa_secp384r1_sha384,
        _ => SignatureScheme.ecdsa_secp521r1_sha512,
    };

    /// <summary>Whether these bytes are an uncompressed point (SEC 1, 2.3.3), which may still not be on the curve.</summary>
    internal static bool IsUncompressed(ReadOnlySpan<byte> point, NistCurveName name) =>
        point.Length == 1 + 2 * (((int)name + 7) / 8) && point[0] == UncompressedPoint;

    /// <summary>"P-256".</summary>
    internal static string ToText(NistCurveName name) => $"P-{(int)name}";
}
