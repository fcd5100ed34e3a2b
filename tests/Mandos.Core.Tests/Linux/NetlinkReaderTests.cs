using CsCheck;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Core.Tests.Linux;

public sealed class NetlinkReaderTests
{
    [Fact]
    public void Any_bytes_are_read_without_an_exception_or_an_endless_loop()
    {
        Gen.Byte.Array[0, 200].Sample(bytes => Assert.InRange(Read(bytes).Messages.Count, 0, bytes.Length / 16 + 1));
    }

    [Fact]
    public void A_real_message_with_any_bytes_changed_is_read_without_an_exception()
    {
        var real = RouteMessages.Link(LinkTable.RTM_NEWLINK, 2, "eth0", LinkFlags.Up)
            .Concat(RouteMessages.Address(LinkTable.RTM_NEWADDR, 2, "fe80::1", 64)).ToArray();

        Gen.Select(Gen.Int[0, real.Length - 1], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            var bytes = (byte[])real.Clone();
            foreach (var (at, value) in changes)
                bytes[at] = value;
            Assert.InRange(Read(bytes).Messages.Count, 0, 2 * real.Length / 16);
        });
    }

    [Fact]
    public void Netlink_messages_are_read_back_as_written()
    {
        var attribute = Gen.Select(Gen.UShort[0, 0x3fff], Gen.Byte.Array[0, 40]);
        var message = Gen.Select(Gen.UShort, Gen.Byte.Array[4, 4], attribute.Array[0, 5]);

        message.Array[1, 5].Sample(messages =>
        {
            var datagram = messages.SelectMany(one => RouteMessages.Message(one.Item1, one.Item2, one.Item3)).ToArray();

            var (read, malformed) = Read(datagram, bodyLength: 4);

            Assert.False(malformed);
            Assert.Equal(messages.Select(one => one.Item1), read.Select(one => one.Type));
            Assert.Equal(
                messages.SelectMany(one => one.Item3).Select(one => $"{one.Item1}={Convert.ToHexString(one.Item2)}"),
                read.SelectMany(one => one.Attributes));
        });
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(21u)]
    [InlineData(0xffffffffu)]
    public void An_invalid_message_length_is_malformed(uint length)
    {
        var bytes = RouteMessages.Message(16, new byte[4]);
        BitConverter.TryWriteBytes(bytes, length);

        Assert.Equal((0, true), (Read(bytes).Messages.Count, Read(bytes).Malformed));
    }

    private static (List<(ushort Type, List<string> Attributes)> Messages, bool Malformed) Read(byte[] datagram, int bodyLength = 16)
    {
        var messages = new List<(ushort, List<string>)>();
        var table = new LinkTable();
        var reader = new NetlinkReader(datagram);
        while (reader.MoveNext())
        {
            table.Apply(reader.Type, reader.Payload);
            var attributes = new List<string>();
            var walk = new NetlinkAttributes(reader.Payload[Math.Min(bodyLength, reader.Payload.Length)..]);
            while (walk.MoveNext())
                attributes.Add($"{walk.Type}={Convert.ToHexString(walk.Value)}");
            messages.Add((reader.Type, attributes));
        }
        return (messages, reader.Malformed);
    }
}
