using System.Buffers.Text;
using System.Text;
using Mandos.Core.Secrets;

namespace Mandos.Keygen.Keys;

/// <summary>
/// Text armor of two kinds, both with base64 in lines of 64 characters: PEM (RFC 7468) and OpenPGP's (RFC 4880 section 6.2).
/// </summary>
internal static class Pem
{
    public const int LineLength = 64;

    private const int BytesInLine = LineLength / 4 * 3;

    /// <summary>Encodes a DER structure as PEM; the result is as secret as its content.</summary>
    public static SecretBuffer Encode(string label, ReadOnlySpan<byte> der)
    {
        var text = Room(der.Length, label.Length);
        Add(text, $"-----BEGIN {label}-----\n");
        AddLines(text, der);
        Add(text, $"-----END {label}-----\n");
        return text;
    }

    /// <summary>Encodes OpenPGP armor with a comment and a checksum, as gpg writes it; the result is as secret as its content.</summary>
    public static SecretBuffer EncodeOpenPgp(string label, string comment, ReadOnlySpan<byte> packets)
    {
        var text = Room(packets.Length, label.Length + (4 * comment.Length));
        Add(text, $"-----BEGIN {label}-----\nComment: {comment}\n\n");
        AddLines(text, packets);
        Add(text, "=");
        AddLines(text, Crc24(packets));
        Add(text, $"-----END {label}-----\n");
        return text;
    }

    private static SecretBuffer Room(int bytes, int words) => new(((bytes / BytesInLine) + 2) * (LineLength + 1) + (4 * words) + 100);

    private static void Add(SecretBuffer text, string words) => text.Advance(Encoding.UTF8.GetBytes(words, text.Free));

    private static void AddLines(SecretBuffer text, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length > 0; bytes = bytes[Math.Min(BytesInLine, bytes.Length)..])
        {
            Base64.EncodeToUtf8(bytes[..Math.Min(BytesInLine, bytes.Length)], text.Free, out _, out var written);
            text.Advance(written);
            text.Append("\n"u8);
        }
    }

    // RFC 4880 section 6.1.
    private static byte[] Crc24(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xB704CEu;
        foreach (var octet in bytes)
        {
            crc ^= (uint)octet << 16;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc << 1) ^ ((crc & 0x800000) == 0 ? 0 : 0x1864CFBu);
        }

        return [(byte)(crc >> 16), (byte)(crc >> 8), (byte)crc];
    }
}
