namespace Mandos.Core.Keys;

/// <summary>
/// Requirements for the key of an unknown peer before it is used: it has a supported kind, a size that cannot keep a processor busy for
/// long, and the only encoding that its standard defines. The key ID is a hash of the encoding, so another encoding would be another
/// client.
/// </summary>
internal static class PublicKeyRules
{
    private const int SmallestModulusBits = 1024;

    /// <summary>Larger than 65537, which nearly every key has, but still fast: verification takes one squaring per bit.</summary>
    private const int LargestExponent = 1 << 17, SmallestExponent = 3;

    /// <param name="subjectPublicKeyInfo">The key as the peer sent it.</param>
    /// <param name="largestModulusBits">The limit for RSA keys.</param>
    /// <exception cref="KeyFormatException">The key does not meet the requirements.</exception>
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
    /// <exception cref="KeyFormatException">The bytes are not an RSAPublicKey.</exception>
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
        // This also rejects an unnecessary leading zero byte.
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

    /// <summary>
    /// Requires X and Y in full (RFC 5480, 2.2, where a compressed point is optional; no known program writes or reads one here).
    /// </summary>
    private static void CheckPoint(ReadOnlySpan<byte> point, NistCurveName curve)
    {
        if (!NistCurveNames.IsUncompressed(point, curve))
            throw new KeyFormatException($"an ECDSA {NistCurveNames.ToText(curve)} key that is not an uncompressed point");
    }

    private static int Bits(ReadOnlySpan<byte> number) => 8 * number.Length - byte.LeadingZeroCount(number[0]);

    /// <summary>The length including the sign byte, if one is needed.</summary>
    private static int NumberLength(ReadOnlySpan<byte> number) => number.Length + (number[0] >> 7);

    /// <summary>The length of an element with content of this length.</summary>
    private static int DerLength(int content) => content + content switch { < 0x80 => 2, < 0x100 => 3, < 0x10000 => 4, _ => 5 };
}
