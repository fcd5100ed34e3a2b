using System.Buffers.Text;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp;

/// <summary>
/// ASCII armor (RFC 9580 section 6): a header line, <c>Key: value</c> lines, an empty line, base64, mostly a checksum line,
/// and the line at the end. Lines of other text may stand before it, nothing behind it.
/// </summary>
internal static class Armor
{
    private const uint Crc24Start = 0xB704CE, Crc24Polynomial = 0x1864CFB;

    private static ReadOnlySpan<byte> Begin => "-----BEGIN "u8;

    private static ReadOnlySpan<byte> End => "-----END "u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    /// <summary>
    /// A copy of <paramref name="bytes"/> as packets: as they are if they look binary (the first bit of a packet is always
    /// set), else out of the armor of the given <paramref name="kind"/>, for example "PGP MESSAGE".
    /// </summary>
    /// <returns>Null, and what is wrong in <paramref name="error"/>.</returns>
    public static SecretBuffer? Open(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> kind, out string error)
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
        error = Decode(bytes, kind, buffer) ?? "";
        if (error.Length == 0)
            return buffer;
        buffer.Dispose();
        return null;
    }

    private static string? Decode(ReadOnlySpan<byte> text, ReadOnlySpan<byte> kind, SecretBuffer output)
    {
        var line = TakeLine(ref text);
        while (!line.StartsWith(Begin))
        {
            if (text.IsEmpty)
                return "it is neither OpenPGP packets nor their ASCII armor";
            line = TakeLine(ref text);
        }

        if (!IsFrame(line, Begin, kind))
            return "it is ASCII armor of another kind of OpenPGP data";
        while (!TakeLine(ref text).IsEmpty)
        {
            if (text.IsEmpty)
                return "its ASCII armor has no content";
        }

        var body = text;
        var length = text.Length;
        uint? checksum = null;
        for (line = TakeLine(ref text); !IsFrame(line, End, kind); line = TakeLine(ref text))
        {
            if (text.IsEmpty)
                return "its ASCII armor lacks the last line";
            if (line is [(byte)'=', _, _, _, _] && checksum is null)
                checksum = ReadChecksum(line[1..]);
            else if (checksum is not null && !line.IsEmpty)
                return "its ASCII armor has text behind the checksum";
            if (checksum is null)
                length = text.Length;
        }

        if (!text.Trim(" \t\r\n"u8).IsEmpty)
            return "text stands behind its ASCII armor";
        return DecodeBody(body[..^length], checksum, output);
    }

    private static string? DecodeBody(ReadOnlySpan<byte> body, uint? checksum, SecretBuffer output)
    {
        var status = Base64.DecodeFromUtf8(body, output.Free, out _, out var written);
        if (status != System.Buffers.OperationStatus.Done)
            return "its ASCII armor is not base64";
        output.Advance(written);
        return checksum is null || checksum == Crc24(output.Span) ? null : "its ASCII armor has a wrong checksum";
    }

    private static bool IsFrame(ReadOnlySpan<byte> line, ReadOnlySpan<byte> start, ReadOnlySpan<byte> kind) =>
        line.StartsWith(start) && line.EndsWith(Dashes) && line.Length == start.Length + kind.Length + Dashes.Length
        && line[start.Length..].StartsWith(kind);

    private static uint ReadChecksum(ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[3];
        // No checksum equals this, so text that is no base64 is found out by the comparison.
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
