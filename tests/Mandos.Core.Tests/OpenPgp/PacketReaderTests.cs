using CsCheck;
using Mandos.Core.OpenPgp.Packets;
using static Mandos.Core.Tests.OpenPgp.Packets;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class PacketReaderTests
{
    [Fact]
    public void Partial_bodies_of_any_size_are_joined() =>
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.Int[0, 10]).Sample((body, exponent) =>
            Assert.Equal([(11, Convert.ToHexString(body)), (2, "07")], Read([.. InParts(11, body, exponent), .. Packet(2, [7])], out _)));

    [Theory]
    [InlineData("C2 02 0102", 2, "0102")]
    [InlineData("C2 C000 *192", 2, "*192")]
    [InlineData("88 02 0102", 2, "0102")]
    [InlineData("89 0002 0102", 2, "0102")]
    [InlineData("8A 00000002 0102", 2, "0102")]
    [InlineData("A3 010203", 8, "010203")]
    [InlineData("CB E1 0102 00", 11, "0102")]
    [InlineData("CB E0 01 E0 02 01 03", 11, "010203")]
    public void Each_length_encoding_is_read(string packet, int tag, string body) =>
        Assert.Equal([(tag, Convert.ToHexString(Bytes(body)))], Read(Bytes(packet), out var failed).Concat(failed ? [(-1, "")] : []));

    [Theory]
    [InlineData("00")]
    [InlineData("7F 00")]
    [InlineData("C0 00")]
    [InlineData("80 00")]
    [InlineData("C2")]
    [InlineData("C2 02 01")]
    [InlineData("C2 C0")]
    [InlineData("C2 FF 000000")]
    [InlineData("C2 FF FFFFFFFF 00")]
    [InlineData("8A FFFFFFFF 00")]
    [InlineData("C2 E0 01 00")]
    [InlineData("CB E0 01")]
    [InlineData("CB FE 01")]
    [InlineData("83 01")]
    public void Invalid_lengths_and_tags_fail(string packet)
    {
        Assert.Empty(Read(Bytes(packet), out var failed));
        Assert.True(failed);
    }

    [Fact]
    public void Marker_padding_and_private_packets_are_skipped() =>
        Assert.Equal(
            [(2, "01")], Read([.. Packet(10, [1]), .. Packet(21, [1]), .. Packet(60, [1]), .. Packet(2, [1]), .. Packet(40, [1])], out _));

    [Fact]
    public void The_reader_terminates_on_garbage() =>
        Gen.Byte.Array[0, 500].Sample(bytes => Assert.True(Read(bytes, out _).Count <= bytes.Length), iter: 20_000);

    private static List<(int Tag, string Body)> Read(byte[] bytes, out bool failed)
    {
        var reader = new PacketReader(bytes);
        var packets = new List<(int, string)>();
        while (reader.Next())
            packets.Add(((int)reader.Tag, Convert.ToHexString(reader.Body)));
        failed = reader.Failed;
        return packets;
    }

    private static byte[] Bytes(string hex) =>
        [.. hex.Split(' ').SelectMany(part => part[0] == '*' ? new byte[int.Parse(part[1..])] : Convert.FromHexString(part))];
}
