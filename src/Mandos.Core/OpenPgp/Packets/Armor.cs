using System.Buffers.Text;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Packets;

/// <summary>The kind of armor to look for.</summary>
internal enum ArmorKind
{
    /// <summary>PGP MESSAGE.</summary>
    Message,

    /// <summary>PGP PUBLIC KEY BLOCK and PGP PRIVATE KEY BLOCK.</summary>
    Keys,
}

/// <summary>
/// ASCII armor (RFC 9580 section 6): a header line, <c>Key: value</c> lines, an empty line, base64, usually a checksum line, and a final
/// line. Other text may precede and follow it; a file of keys may contain several such blocks.
/// </summary>
internal static class Armor
{
    private const uint Crc24Start = 0xB704CE, Crc24Polynomial = 0x1864CFB;

    private static ReadOnlySpan<byte> Begin => "-----BEGIN "u8;

    private static ReadOnlySpan<byte> End => "-----END "u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    /// <summary>
    /// Returns a copy of <paramref name="bytes"/> as packets: unchanged if they look binary (the first bit of a packet is always set),
    /// otherwise decoded from armor: the first message, or all keys, public and secret, concatenated.
    /// </summary>
    /// <returns>Null, with the reason in <paramref name="error"/>, if that fails.</returns>
    public static SecretBuffer? Open(ReadOnlySpan<byte> bytes, ArmorKind kind, out string error)
    {
        error = "";
        if (bytes.IsEmpty)
        {
            error = "it is empty";
            return null;
        }

        if (bytes[0] >= 0x80)
            return SecretBuffer.CopyOf(bytes);
        var buffer = new SecretBuffer(Base64.GetMaxDecodedFromUtf8Length(bytes.Length));
        error = DecodeAll(bytes, kind, buffer) ?? "";
        if (error.Length == 0)
            return buffer;
        buffer.Dispose();
        return null;
    }

    /// <summary>Whether text contains the first line of any armor.</summary>
    public static bool IsIn(ReadOnlySpan<byte> text) => text.IndexOf("-----BEGIN PGP "u8) >= 0;

    private static string? DecodeAll(ReadOnlySpan<byte> text, ArmorKind kind, SecretBuffer output)
    {
        var (blocks, others) = (0, 0);
        while (!text.IsEmpty && (blocks == 0 || kind == ArmorKind.Keys))
        {
            var line = TakeLine(ref text);
            if (!line.StartsWith(Begin))
                continue;
            var name = NameOf(line, Begin);
            if (!IsKind(name, kind))
                others++;
            else if (Decode(ref text, name, output) is { } error)
                return error;
            else
                blocks++;
        }

        if (blocks > 0)
            return null;
        return others > 0 ? "it is ASCII armor of another kind of OpenPGP data" : "it is neither OpenPGP packets nor their ASCII armor";
    }

    private static bool IsKind(ReadOnlySpan<byte> name, ArmorKind kind) => kind == ArmorKind.Message
        ? name.SequenceEqual("PGP MESSAGE"u8)
        : name.SequenceEqual("PGP PUBLIC KEY BLOCK"u8) || name.SequenceEqual("PGP PRIVATE KEY BLOCK"u8);

    /// <summary>Decodes what follows the first line, which has already been read.</summary>
    private static string? Decode(ref ReadOnlySpan<byte> text, scoped ReadOnlySpan<byte> name, SecretBuffer output)
    {
        while (!TakeLine(ref text).IsEmpty)
        {
            if (text.IsEmpty)
                return "its ASCII armor has no content";
        }

        var body = text;
        var length = text.Length;
        uint? checksum = null;
        for (var line = TakeLine(ref text); !NameOf(line, End).SequenceEqual(name); line = TakeLine(ref text))
        {
            if (text.IsEmpty)
                return "its ASCII armor lacks the last line";
            if (line is [(byte)'=', _, _, _, _] && checksum is null)
                checksum = ReadChecksum(line[1..]);
            else if (checksum is not null && !line.IsEmpty)
                return "its ASCII armor has text after the checksum";
            if (checksum is null)
                length = text.Length;
        }

        return DecodeBody(body[..^length], checksum, output);
    }

    private static string? DecodeBody(ReadOnlySpan<byte> body, uint? checksum, SecretBuffer output)
    {
        var status = Base64.DecodeFromUtf8(body, output.Free, out _, out var written);
        if (status != System.Buffers.OperationStatus.Done)
            return "its ASCII armor is not base64";
        output.Advance(written);
        return checksum is null || checksum == Crc24(output.Span[^written..]) ? null : "its ASCII armor has the wrong checksum";
    }

    /// <summary>Returns the name in the first or last line of armor, such as PGP MESSAGE; empty for any other line.</summary>
    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> line, ReadOnlySpan<byte> start) =>
        line.StartsWith(start) && line.EndsWith(Dashes) && line.Length > start.Length + Dashes.Length
            ? line[start.Length..^Dashes.Length]
            : [];

    private static uint ReadChecksum(ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[3];
        // No checksum equals this value, so invalid base64 fails the comparison.
        return Base64.DecodeFromUtf8(text, bytes, out _, out var written) == System.Buffers.OperationStatus.Done && written == 3
            ? (uint)((bytes[0] << 16) | (bytes[1] << 8) | bytes[2])
            : uint.MaxValue;
    }

    /// <summary>RFC 9580 section 6.1.1.</summary>
    private static uint Crc24(ReadOnlySpan<byte> bytes)
    {
        var crc = Crc24Start;
        foreach (var value in bytes)
        {
            crc ^= (uint)value << 16;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc << 1) ^ ((crc & 0x800000) != 0 ? Crc24Polynomial : 0);
        }

        return crc & 0xFFFFFF;
    }

    /// <summary>The next line without its end and trailing white space.</summary>
    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        var line = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[(end + 1)..];
        return line.TrimEnd(" \t\r"u8);
    }
}
