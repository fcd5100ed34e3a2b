using System.Net;
using CsCheck;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Tests.Discovery;

public sealed class DnsMessageTests
{
    private static readonly Gen<DnsRecord> AnyRecord = Gen.OneOf(
        Gen.Select(DnsNameTests.AnyName, DnsNameTests.AnyName, Gen.UInt, DnsRecord.Ptr),
        Gen.Select(DnsNameTests.AnyName, DnsNameTests.AnyName, Gen.UShort, Gen.UInt, DnsRecord.Srv),
        Gen.Select(DnsNameTests.AnyName, Gen.UInt, DnsRecord.EmptyTxt),
        Gen.Select(DnsNameTests.AnyName, Gen.Byte.Array[4], Gen.UInt, (n, a, t) => DnsRecord.Of(n, new IPAddress(a), t)),
        Gen.Select(DnsNameTests.AnyName, Gen.Byte.Array[16], Gen.UInt, (n, a, t) => DnsRecord.Of(n, new IPAddress(a), t)),
        Gen.Select(DnsNameTests.AnyName, Gen.UInt, (n, t) => DnsRecord.Nsec(n, t, DnsType.A, DnsType.Srv)));

    private static readonly Gen<DnsQuestion> AnyQuestion =
        Gen.Select(
            DnsNameTests.AnyName, Gen.Int[0, 2].Select(i => new[] { DnsType.Ptr, DnsType.Any, DnsType.Aaaa }[i]), Gen.Bool,
            (n, t, u) => new DnsQuestion(n, t, u));

    private static readonly Gen<(
        byte[] Bytes, List<DnsQuestion> Questions, List<(DnsSection Section, DnsRecord Record)> Records)> AnyMessage =
        Gen.Select(
            AnyQuestion.Array[0, 4], AnyRecord.Array[0, 5], AnyRecord.Array[0, 5], AnyRecord.Array[0, 5], Gen.UShort, Gen.Bool, Write);

    [Fact]
    public void Messages_are_read_back_as_written() =>
        AnyMessage.Sample(written =>
        {
            Assert.True(DnsMessage.TryParse(written.Bytes, out var read));
            Assert.Equal(written.Questions, read.Questions);
            AssertSame(written.Records, DnsSection.Answer, read.Answers);
            AssertSame(written.Records, DnsSection.Authority, read.Authorities);
            AssertSame(written.Records, DnsSection.Additional, read.Additionals);
        });

    [Fact]
    public void Random_bytes_never_throw() =>
        Gen.Byte.Array[0, 600].Sample(bytes =>
        {
            var parsed = DnsMessage.TryParse(bytes, out var message);
            Assert.Equal(parsed, message is not null);
        });

    [Fact]
    public void A_message_with_flipped_bits_never_throws() =>
        Gen.Select(AnyMessage, Gen.Select(Gen.Int[0, 1439], Gen.Int[0, 7]).Array[1, 8]).Sample((written, flips) =>
        {
            foreach (var (at, bit) in flips)
                written.Bytes[at % written.Bytes.Length] ^= (byte)(1 << bit);
            if (!DnsMessage.TryParse(written.Bytes, out var message))
                return;
            foreach (var record in message.Answers)
            {
                Assert.InRange(record.Name.Wire.Length, 1, 255);
                if (record.Type is DnsType.Ptr or DnsType.Srv)
                    Assert.InRange(record.Target.Wire.Length, 1, 255);
                if (record.Type is DnsType.A or DnsType.Aaaa)
                    Assert.NotNull(record.Address);
            }
        });

    [Fact]
    public void A_message_that_is_truncated_or_followed_by_data_is_refused() =>
        Gen.Select(AnyMessage, Gen.Int[0, 1439]).Sample((written, cut) =>
        {
            Assert.False(DnsMessage.TryParse(written.Bytes.AsSpan(0, cut % written.Bytes.Length), out _));
            Assert.False(DnsMessage.TryParse([.. written.Bytes, 0], out _));
        });

    [Fact]
    public void More_than_256_entries_are_refused()
    {
        Assert.True(DnsMessage.TryParse(Roots(256), out var message));
        Assert.Equal(256, message.Questions.Count);
        Assert.False(DnsMessage.TryParse(Roots(257), out _));

        static byte[] Roots(int count)
        {
            var bytes = new List<byte> { 0, 0, 0, 0, (byte)(count >> 8), (byte)count, 0, 0, 0, 0, 0, 0 };
            for (var i = 0; i < count; i++)
                bytes.AddRange([0, 0, 255, 0, 1]);
            return [.. bytes];
        }
    }

    [Fact]
    public void More_than_9000_bytes_are_refused()
    {
        Assert.True(DnsMessage.TryParse(Txt(9000), out _));
        Assert.False(DnsMessage.TryParse(Txt(9001), out _));

        static byte[] Txt(int length)
        {
            var data = length - 12 - 11;
            return [0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 16, 0, 1, 0, 0, 0, 9, (byte)(data >> 8), (byte)data, .. new byte[data]];
        }
    }

    [Theory]
    [InlineData(1, 3)] // A
    [InlineData(28, 4)] // AAAA
    [InlineData(33, 6)] // SRV without target
    [InlineData(12, 0)] // PTR without target
    public void A_record_with_data_of_the_wrong_length_is_refused(byte type, byte length) =>
        Assert.False(
            DnsMessage.TryParse(
                [0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, type, 0, 1, 0, 0, 0, 9, 0, length, .. new byte[length]], out _));

    [Fact]
    public void A_record_of_another_class_is_ignored()
    {
        // The OPT record of EDNS, as some resolvers append it.
        Assert.True(DnsMessage.TryParse([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 5, 0xA0, 0, 0, 0, 0, 0, 1, 7], out var message));
        Assert.Empty(message.Additionals);
    }

    [Fact]
    public void Names_are_compressed()
    {
        var type = DnsName.Parse("_mandos._tcp.local");
        var instance = type.Child("Mandos"u8);
        var writer = new DnsMessageWriter();
        writer.Begin(DnsMessage.ResponseFlag);
        Assert.True(writer.TryAdd(DnsSection.Answer, DnsRecord.Ptr(type, instance, 4500)));
        Assert.True(writer.TryAdd(DnsSection.Answer, DnsRecord.Srv(instance, DnsName.Parse("vm.local"), 4711, 120)));
        // 12 + (20 + 10 + 9) + (2 + 10 + 6 + 5)
        Assert.Equal(74, writer.Message.Length);
    }

    [Fact]
    public void A_record_that_does_not_fit_leaves_the_message_unchanged()
    {
        var writer = new DnsMessageWriter();
        writer.Begin(0);
        var count = 0;
        while (writer.TryAdd(DnsSection.Answer, new DnsRecord(DnsName.Parse($"host{count}.local"), DnsType.Txt, 1, new byte[100])))
            count++;
        Assert.True(DnsMessage.TryParse(writer.Message, out var message));
        Assert.Equal(count, message.Answers.Count);
        Assert.InRange(writer.Message.Length, 1300, DnsMessageWriter.MaxLength);
    }

    private static void AssertSame(List<(DnsSection Section, DnsRecord Record)> written, DnsSection section, List<DnsRecord> read)
    {
        var expected = written.FindAll(w => w.Section == section).ConvertAll(w => w.Record);
        Assert.Equal(expected.Count, read.Count);
        foreach (var (e, r) in expected.Zip(read))
        {
            Assert.True(e.Matches(r));
            Assert.Equal(e.Data.ToArray(), r.Data.ToArray());
            Assert.Equal((e.Ttl, e.CacheFlush), (r.Ttl, r.CacheFlush));
        }
    }

    private static (byte[], List<DnsQuestion>, List<(DnsSection, DnsRecord)>) Write(
        DnsQuestion[] questions, DnsRecord[] answers, DnsRecord[] authorities, DnsRecord[] additionals, ushort id, bool compressSrv)
    {
        var writer = new DnsMessageWriter();
        writer.Begin(0, id, compressSrv);
        var asked = questions.Where(q => writer.TryAdd(q)).ToList();
        var records = new List<(DnsSection, DnsRecord)>();
        foreach (var (section, list)
            in new[] { (DnsSection.Answer, answers), (DnsSection.Authority, authorities), (DnsSection.Additional, additionals) })
            records.AddRange(list.Where(r => writer.TryAdd(section, r)).Select(r => (section, r)));
        return (writer.Message.ToArray(), asked, records);
    }
}
