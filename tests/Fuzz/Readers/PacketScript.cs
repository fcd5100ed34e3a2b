using System.IO.Compression;

namespace Mandos.Fuzz.Readers;

/// <summary>
/// OpenPGP packets as a script writes them: whole packets of any type, many times the same, and any of it compressed, as deep
/// as the script says. Changes of bytes alone hardly ever make a compressed packet that is whole.
/// </summary>
internal sealed class PacketScript
{
    private const int MostDepth = 5;
    private const int MostSteps = 12;

    /// <summary>Together, so that the script's own work stays small beside the reader's.</summary>
    private const int MostBytes = 4 << 20;

    private int _bytes;

    internal byte[] Write(byte[] input)
    {
        var script = new Script(input);
        return Packets(ref script, 0);
    }

    private byte[] Packets(ref Script script, int depth)
    {
        using var packets = new MemoryStream();
        for (var steps = 1 + (script.Byte() % MostSteps); steps > 0 && !script.AtEnd; steps--)
        {
            var packet = (script.Byte() % 6) switch
            {
                0 => Packet(11, [(byte)'b', 0, 0, 0, 0, 0, .. script.Piece()]),
                1 => Packet((byte)(script.Byte() & 63), script.Piece()),
                2 => Packet((byte)(40 + (script.Byte() & 15)), new byte[Math.Min(script.Pair() * 32, MostBytes)]),
                3 => Packet(4, [3, 0, 10, 1, 1, 2, 3, 4, 5, 6, 7, 8, script.Byte()]),
                4 => Packet(2, script.Piece()),
                _ => Compressed(ref script, depth),
            };
            for (var times = 1 + (script.Byte() % 32); times > 0 && (_bytes += packet.Length) < MostBytes; times--)
                packets.Write(packet);
        }

        return packets.ToArray();
    }

    private byte[] Compressed(ref Script script, int depth)
    {
        var algorithm = script.Byte() & 3;
        var inner = depth < MostDepth ? Packets(ref script, depth + 1) : [];
        return Packet(
            8, [(byte)algorithm, .. algorithm == 1 ? Deflate(inner, zlib: false) : algorithm == 2 ? Deflate(inner, zlib: true) : inner]);
    }

    private static byte[] Deflate(byte[] bytes, bool zlib)
    {
        using var output = new MemoryStream();
        using (
            Stream deflate = zlib ? new ZLibStream(output, CompressionLevel.Fastest) : new DeflateStream(output, CompressionLevel.Fastest))
            deflate.Write(bytes);
        return output.ToArray();
    }

    /// <summary>New format, length of five bytes (RFC 9580, 4.2.1).</summary>
    private static byte[] Packet(byte type, ReadOnlySpan<byte> body) =>
        [(byte)(0xC0 | type), 0xFF, (byte)(body.Length >> 24), (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length,
            .. body];
}
