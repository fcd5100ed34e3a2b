using System.Buffers.Binary;
using Mandos.Core.OpenPgp;

namespace Mandos.Core.Tests.OpenPgp;

/// <summary>Packets written by hand.</summary>
internal static class Packets
{
    /// <summary>New format, length in five octets.</summary>
    public static byte[] Packet(int tag, byte[] body) => [(byte)(0xC0 | tag), 0xff, .. Length(body.Length), .. body];

    /// <summary>New format in parts of 2^<paramref name="exponent"/> octets and a last one.</summary>
    public static byte[] InParts(int tag, byte[] body, int exponent)
    {
        List<byte> packet = [(byte)(0xC0 | tag)];
        var part = 1 << exponent;
        var rest = body.AsSpan();
        for (; rest.Length > part; rest = rest[part..])
            packet.AddRange([(byte)(224 + exponent), .. rest[..part]]);
        packet.AddRange([0xff, .. Length(rest.Length), .. rest]);
        return [.. packet];
    }

    /// <summary>Old format with 1, 2 or 4 octets of length, or with 0: up to the end.</summary>
    public static byte[] OldPacket(int tag, byte[] body, int lengthOctets)
    {
        var type = lengthOctets switch { 1 => 0, 2 => 1, 4 => 2, _ => 3 };
        return [(byte)(0x80 | (tag << 2) | type), .. Length(body.Length)[(4 - lengthOctets)..], .. body];
    }

    public static byte[] LiteralBody(byte[] data, char format = 'b') => [(byte)format, 0, 0, 0, 0, 0, .. data];

    /// <summary>What a message may cost by default.</summary>
    public static MessageBudget Budget() => new(MessageLimits.Default, MessageClock.System);

    private static byte[] Length(int length)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(octets, length);
        return octets;
    }
}
