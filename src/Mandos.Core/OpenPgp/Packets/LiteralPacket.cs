namespace Mandos.Core.OpenPgp.Packets;

/// <summary>The data itself (RFC 9580 section 5.9).</summary>
/// <remarks>
/// <code>
/// format (1): b, t or u | length (1), name of a file | date (4) | data
/// </code>
/// The format only suggests what to do with line ends. A password is passed on unchanged.
/// </remarks>
internal static class LiteralPacket
{
    /// <summary>Reads the packet; false if it is incomplete.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> data)
    {
        var fields = new FieldReader(body);
        fields.Byte();
        fields.ShortField();
        fields.UInt32();
        data = fields.Rest();
        return fields.Ok;
    }
}
