using System.Buffers.Binary;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Mandos.Core.OpenPgp.Packets;

/// <summary>The hash that a signature covers (RFC 9580 section 5.2.4): salt, message, signed fields of the signature, trailer.</summary>
internal static class MessageHash
{
    /// <summary>Creates the digest; null for an algorithm that is not supported.</summary>
    public static IDigest? NewDigest(HashAlgorithm algorithm) => algorithm switch
    {
        HashAlgorithm.Sha256 => new Sha256Digest(),
        HashAlgorithm.Sha384 => new Sha384Digest(),
        HashAlgorithm.Sha512 => new Sha512Digest(),
        HashAlgorithm.Sha224 => new Sha224Digest(),
        _ => null,
    };

    /// <summary>The hash over a plaintext, or null if the algorithm is not supported.</summary>
    public static byte[]? Of(ReadOnlySpan<byte> plaintext, SignaturePacket signature)
    {
        if (NewDigest(signature.HashAlgorithm) is not { } digest)
            return null;
        digest.BlockUpdate(signature.Salt);
        if (signature.IsText)
            AddText(digest, plaintext);
        else
            digest.BlockUpdate(plaintext);
        digest.BlockUpdate(signature.SignedFields);
        Span<byte> trailer = [signature.Version, 0xff, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(trailer[2..], signature.SignedFields.Length);
        digest.BlockUpdate(trailer);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash);
        return hash;
    }

    /// <summary>Adds text with CR LF line ends, regardless of those in the text; text signatures cover this form.</summary>
    private static void AddText(IDigest digest, ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var line = text[..end];
            digest.BlockUpdate(line is [.., (byte)'\r'] ? line[..^1] : line);
            digest.BlockUpdate("\r\n"u8);
            text = text[(end + 1)..];
        }

        digest.BlockUpdate(text);
    }
}
