namespace Mandos.Core.Keys;

/// <summary>
/// What the key of an unknown peer must be before anything is computed with it: a supported kind, of a size that cannot keep a
/// processor busy for long, and in the one encoding that its standard gives it. The key ID is a hash of the encoding: another
/// encoding would be another client.
/// </summary>
internal static class PublicKeyRules
{
    private const int SmallestModulusBits = 1024;

    /// <summary>Larger than 65537, which nearly every key has, and still quick: verifying takes a squaring for each bit.</summary>
    private const int LargestExponent = 1 << 17, SmallestExponent = 3;

    /// <param name="subjectPublicKeyInfo">As the peer sent it.</param>
    /// <param name="largestModulusBits">Of an RSA key.</param>
    /// <exception cref="KeyFormatException">The key is not one of these.</exception>
    internal static void Check(ReadOnlySpan<byte> subjectPublicKeyInfo, int largestModulusBits)
    {
        var publicKey = SubjectPublicKey.Parse(subjectPublicKeyInfo);
        if (!publicKey.AlgorithmIdentifier.SequenceEqual(publicKey.Id.Encode()))
            throw new KeyFormatException($"an {publicKey.Id} key with unusual algorithm parameters");
        switch (publicKey.Id.Algorithm)
        {
            case KeyAlgorithm.Rsa or KeyAlgorithm.RsaPss:
                CheckRsa(publicKey.Key, largestModulusBits);
                break;
            case KeyAlgorithm.Ecdsa:
                CheckPoint(publicKey.Key, publicKey.Id.Curve!.Value);
                break;
            default:
                if (publicKey.Key.Length != (publicKey.Id.Algorithm == KeyAlgorithm.Ed25519 ? 32 : 57))
                    throw new KeyFormatException($"an {publicKey.Id} key of {publicKey.Key.Length} bytes");
                break;
        }
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

    private static void CheckRsa(ReadOnlySpan<byte> key, int largestModulusBits)
    {
        ReadRsa(key, out var modulus, out var exponent);
        // Also not minimal: a zero byte in front of one that needs none.
        if (modulus[0] == 0
            || exponent[0] == 0
            || key.Length != DerLength(DerLength(NumberLength(modulus)) + DerLength(NumberLength(exponent))))
            throw new KeyFormatException("an RSA key whose numbers are not in their shortest form");
        if (Bits(modulus) < SmallestModulusBits || Bits(modulus) > largestModulusBits)
            throw new KeyFormatException(
                $"an RSA key of {Bits(modulus)} bits ({SmallestModulusBits} to {largestModulusBits} are accepted)");
        if ((modulus[^1] & exponent[^1] & 1) == 0)
            throw new KeyFormatException("an RSA key with an even number");
        var value = 0;
        foreach (var part in exponent[..Math.Min(exponent.Length, 3)])
            value = value << 8 | part;
        if (exponent.Length > 3 || value is < SmallestExponent or > LargestExponent)
            throw new KeyFormatException($"an RSA key whose public exponent is not between {SmallestExponent} and {LargestExponent}");
    }

    /// <summary>X and Y in full (RFC 5480, 2.2, where a compressed point is optional; nothing else makes or reads one here).</summary>
    private static void CheckPoint(ReadOnlySpan<byte> point, NistCurveName curve)
    {
        if (!NistCurveNames.IsUncompressed(point, curve))
            throw new KeyFormatException($"an ECDSA {NistCurveNames.ToText(curve)} key that is not an uncompressed point");
    }

    private static int Bits(ReadOnlySpan<byte> number) => 8 * number.Length - byte.LeadingZeroCount(number[0]);

    /// <summary>With the sign byte, if it needs one.</summary>
    private static int NumberLength(ReadOnlySpan<byte> number) => number.Length + (number[0] >> 7);

    /// <summary>Of an element with so much content.</summary>
    private static int DerLength(int content) => content + content switch { < 0x80 => 2, < 0x100 => 3, < 0x10000 => 4, _ => 5 };
}
