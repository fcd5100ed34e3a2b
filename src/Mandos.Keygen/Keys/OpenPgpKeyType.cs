using System.Globalization;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Keys;

/// <summary>The algorithms of new OpenPGP keys: all that the boot client can use and that every gpg since 2.1 supports.</summary>
internal enum OpenPgpAlgorithm
{
    /// <summary>EdDSA over Ed25519, algorithm 22, for signing.</summary>
    Ed25519,

    /// <summary>ECDH over Curve25519, algorithm 18, for encryption.</summary>
    Curve25519,

    /// <summary>RSA, algorithm 1, for both.</summary>
    Rsa,
}

/// <summary>The algorithm and, for RSA, the length in bits of one OpenPGP key.</summary>
internal sealed record OpenPgpKeyType(OpenPgpAlgorithm Algorithm, int Bits)
{
    private const int DefaultRsaBits = 4096, LeastRsaBits = 1024, MostRsaBits = 8192;

    /// <summary>A shorter RSA modulus may be broken by attackers with large resources.</summary>
    public const int SafeRsaBits = 2048;

    /// <summary>
    /// Chooses the types of both keys. A length without a type means RSA, the only type of upstream; if RSA is requested for one of the
    /// keys, it applies to the other too.
    /// </summary>
    /// <exception cref="KeygenException">A type or length is unknown or unusable.</exception>
    public static (OpenPgpKeyType Primary, OpenPgpKeyType Subkey) Choose(string? type, string? length, string? subtype, string? sublength)
    {
        var bits = ParseLength("length", length);
        var subbits = ParseLength("sublength", sublength);
        var primary = type is null
            ? null
            : ParseType("type", type, OpenPgpAlgorithm.Ed25519, ["ed25519", "eddsa", "22", "default"], "ed25519");
        var sub = subtype is null
            ? null
            : ParseType("subtype", subtype, OpenPgpAlgorithm.Curve25519, ["cv25519", "curve25519", "ecdh", "18", "default"], "cv25519");
        var rsa = primary is OpenPgpAlgorithm.Rsa
            || sub is OpenPgpAlgorithm.Rsa
            || (primary is null && bits > 0)
            || (sub is null && subbits > 0);
        return (
            Make("length", primary ?? (rsa ? OpenPgpAlgorithm.Rsa : OpenPgpAlgorithm.Ed25519), bits),
            Make("sublength", sub ?? (rsa ? OpenPgpAlgorithm.Rsa : OpenPgpAlgorithm.Curve25519), subbits));
    }

    /// <summary>For people: <c>RSA-4096</c>, <c>Ed25519</c>, <c>Curve25519</c>.</summary>
    public override string ToString() => Algorithm == OpenPgpAlgorithm.Rsa ? $"RSA-{Bits}" : Algorithm.ToString();

    private static OpenPgpAlgorithm? ParseType(string option, string text, OpenPgpAlgorithm curve, string[] curveNames, string curveName)
    {
        var name = text.ToLowerInvariant();
        if (name is "rsa" or "1")
            return OpenPgpAlgorithm.Rsa;
        return curveNames.Contains(name)
            ? curve
            : throw new KeygenException($"--{option}={text}: not a supported key type", $"use {curveName} or RSA");
    }

    private static int ParseLength(string option, string? text)
    {
        if (text is null)
            return 0;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits))
            throw new KeygenException($"--{option}={text}: not a number of bits");
        if (bits is < LeastRsaBits or > MostRsaBits)
            throw new KeygenException(
                $"--{option}={text}: not from {LeastRsaBits} to {MostRsaBits} bits", $"{DefaultRsaBits} is a good length");
        // gpg rounds up too.
        return (bits + 31) / 32 * 32;
    }

    private static OpenPgpKeyType Make(string option, OpenPgpAlgorithm algorithm, int bits)
    {
        if (algorithm == OpenPgpAlgorithm.Rsa)
            return new(algorithm, bits == 0 ? DefaultRsaBits : bits);
        if (bits != 0)
            throw new KeygenException($"--{option}={bits}: {algorithm} keys have a fixed length", $"leave out --{option}, or choose RSA");
        return new(algorithm, 256);
    }
}
