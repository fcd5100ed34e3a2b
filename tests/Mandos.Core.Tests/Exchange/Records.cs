using System.Buffers.Binary;

namespace Mandos.Core.Tests.Exchange;

/// <summary>A TLS record as it stands on the wire.</summary>
internal sealed record Record(byte Type, byte[] Fragment);

/// <summary>Splits a byte stream into TLS records.</summary>
internal static class Records
{
    public static List<Record> Parse(ReadOnlySpan<byte> stream)
    {
        var records = new List<Record>();
        while (!stream.IsEmpty)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(stream[3..]);
            records.Add(new(stream[0], stream.Slice(5, length).ToArray()));
            stream = stream[(5 + length)..];
        }
        return records;
    }
}
