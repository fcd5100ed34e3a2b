namespace Mandos.Core.Keys;

/// <summary>
/// What the key of an unknown peer must be before anything is computed with it: a supported kind, and of a size that
/// cannot keep a processor busy for long (verifying with an RSA key of 16384 bits and an exponent as long takes seconds).
/// </summary>
internal static class PublicKeyRules
{
    private const int LargestModulusBytes = 8192 / 8;
    private const int LargestExponentBytes = 4;

    /// <exception cref="KeyFormatException">The key is not one of these.</exception>
    internal static void Check(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var publicKey = SubjectPublicKey.Parse(subjectPublicKeyInfo);
        if (publicKey.Id.Algorithm is not (KeyAlgorithm.Rsa or KeyAlgorithm.RsaPss))
            return;
        var outer = new DerReader(publicKey.Key);
        var reader = outer.Enter(DerReader.Sequence);
        outer.End();
        if (reader.ReadPositiveInteger().Length > LargestModulusBytes || reader.ReadPositiveInteger().Length > LargestExponentBytes)
            throw new KeyFormatException("an RSA key of unreasonable size");
        reader.End();
    }
}
