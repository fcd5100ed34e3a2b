namespace Mandos.Core.OpenPgp.Keys;

/// <summary>PKCS #1 v1.5 padding: of a session key (RFC 9580 section 12.1.2) and of a signed hash (12.1.3).</summary>
/// <remarks>
/// <code>
/// 00 02 | eight or more octets that are not 0 | 00 | session key
/// 00 01 | ff ... ff                           | 00 | DER name of the hash algorithm | hash
/// </code>
/// </remarks>
internal static class Pkcs1Padding
{
    private const int MinimumPadding = 8;

    /// <summary>Returns the session key under the padding, or a random one that decrypts nothing.</summary>
    public static SessionKey SessionKeyOf(ReadOnlySpan<byte> block, bool withCipher) =>
        Parse(block, withCipher) ?? SessionKey.Random(withCipher);

    private static SessionKey? Parse(ReadOnlySpan<byte> block, bool withCipher)
    {
        if (block is not [0, 2, ..])
            return null;
        var padding = block[2..].IndexOf((byte)0);
        return padding < MinimumPadding ? null : SessionKey.Parse(block[(2 + padding + 1)..], withCipher);
    }

    /// <summary>Returns the block that a valid signature yields; empty if the key is too short for it.</summary>
    public static byte[] SignatureBlock(HashAlgorithm algorithm, ReadOnlySpan<byte> hash, int length)
    {
        var prefix = DigestInfo(algorithm);
        var padding = length - 3 - prefix.Length - hash.Length;
        if (padding < MinimumPadding)
            return [];
        return [0, 1, .. Enumerable.Repeat((byte)0xff, padding), 0, .. prefix, .. hash];
    }

    /// <summary>RFC 8017 section 9.2, note 1.</summary>
    private static ReadOnlySpan<byte> DigestInfo(HashAlgorithm algorithm) => algorithm switch
    {
        HashAlgorithm.Sha224 =>
            [0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c],
        HashAlgorithm.Sha256 =>
            [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20],
        HashAlgorithm.Sha384 =>
            [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30],
        _ => [0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40],
    };
}
