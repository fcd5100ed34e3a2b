using Mandos.Core.Linux;
using Org.BouncyCastle.Crypto;

namespace Mandos.Core.Keys;

/// <summary>EMSA-PSS (RFC 8017, 9.1.1) with MGF1 over the same hash and a salt as long as the hash, as TLS 1.3 requires.</summary>
/// <remarks>
/// <code>
/// +----------------------------------+------------+------+
/// | (0.. 01 salt) xor MGF1(H)        | H          | 0xBC |   H = Hash(0 x 8 | Hash(message) | salt)
/// +----------------------------------+------------+------+
/// </code>
/// </remarks>
internal static class PssEncoding
{
    /// <summary>Encodes a message for a modulus of this many bits.</summary>
    internal static byte[] Encode(IDigest digest, ReadOnlySpan<byte> message, int modulusBits)
    {
        var bits = modulusBits - 1;
        var encoded = new byte[(bits + 7) / 8];
        var hashLength = digest.GetDigestSize();
        var masked = encoded.AsSpan(0, encoded.Length - hashLength - 1);
        var salt = masked[^hashLength..];
        SystemRandom.Fill(salt);

        var hash = encoded.AsSpan(masked.Length, hashLength);
        digest.BlockUpdate(message);
        digest.DoFinal(hash);
        digest.BlockUpdate(stackalloc byte[8]);
        digest.BlockUpdate(hash);
        digest.BlockUpdate(salt);
        digest.DoFinal(hash);

        masked[^(hashLength + 1)] = 1;
        XorMask(digest, hash, masked);
        encoded[0] &= (byte)(0xFF >> (8 * encoded.Length - bits));
        encoded[^1] = 0xBC;
        return encoded;
    }

    /// <summary>MGF1 (RFC 8017, B.2.1).</summary>
    private static void XorMask(IDigest digest, ReadOnlySpan<byte> seed, Span<byte> target)
    {
        Span<byte> mask = stackalloc byte[digest.GetDigestSize()];
        for (var counter = 0; !target.IsEmpty; counter++)
        {
            digest.BlockUpdate(seed);
            digest.BlockUpdate([0, 0, (byte)(counter >> 8), (byte)counter]);
            digest.DoFinal(mask);
            var part = Math.Min(mask.Length, target.Length);
            for (var i = 0; i < part; i++)
                target[i] ^= mask[i];
            target = target[part..];
        }
    }
}
