namespace Mandos.Core.Keys;

/// <summary>The NIST curves that keys and key exchange may use (FIPS 186-5; SEC 2 calls them secp256r1 and so on).</summary>
internal enum NistCurveName
{
    P256 = 256,
    P384 = 384,
    P521 = 521,
}

/// <summary>Names of curves as they stand in key files.</summary>
internal static class NistCurveNames
{
    private static ReadOnlySpan<byte> P256 => [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
    private static ReadOnlySpan<byte> P384 => [0x2B, 0x81, 0x04, 0x00, 0x22];
    private static ReadOnlySpan<byte> P521 => [0x2B, 0x81, 0x04, 0x00, 0x23];

    /// <exception cref="KeyFormatException">Another curve.</exception>
    internal static NistCurveName FromOid(ReadOnlySpan<byte> oid) =>
        oid.SequenceEqual(P256) ? NistCurveName.P256 :
        oid.SequenceEqual(P384) ? NistCurveName.P384 :
        oid.SequenceEqual(P521) ? NistCurveName.P521 :
        throw new KeyFormatException("a key on a curve that is not supported (P-256, P-384 and P-521 are)");

    /// <summary>"P-256".</summary>
    internal static string ToText(NistCurveName name) => $"P-{(int)name}";
}
