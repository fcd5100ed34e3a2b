namespace Mandos.Core.Keys;

/// <summary>
/// What the key of an unknown peer must be before anything is computed with it: a supported kind, and of a size that
/// cannot keep a processor busy for long (verifying with an RSA key of 16384 bits and an exponent as long takes seconds).
/// </summary>
internal static class PublicKeyRules
{
    private const int SmallestModulusBytes = 1024 / 8;
    private const int LargestModulusBytes = 8192 / 8;
    private const int LargestExponentBytes = 4;

    /// <exception cref="KeyFormatException">The key is not one of these.</exception>
    internal static void Check(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var publicKey = SubjectPublicKey.Parse(subjectPublicKeyInfo);
        if (publicKey.Id.Algorithm is not (KeyAlgorithm.Rsa or KeyAlgorithm.RsaPss))
            return;
        ReadRsa(publicKey.Key, out var modulus, out var exponent);
        if (modulus.Length is < SmallestModulusBytes or > LargestModulusBytes || exponent.Length > LargestExponentBytes)
            throw new KeyFormatException("an RSA key of unreasonable size");
        if ((modulus[^1] & exponent[^1] & 1) == 0)
            throw new KeyFormatException("an RSA key with an even number");
    }

    /// <summary>Modulus and exponent of an RSAPublicKey (RFC 8017, A.1.1).</summary>
    /// <exception cref="KeyFormatException">It is none.</exception>
    internal static void ReadRsa(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> modulus, out ReadOnlySpan<byte> exponent)
    {
        var outer = new DerReader(key);
        var reader = outer.Enter(DerReader.Sequence);
        outer.End();
        modulus = reader.ReadPositiveInteger();
        exponent = reader.ReadPositiveInteger();
        reader.End();
    }
}
