using CsCheck;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Tests.Discovery;

/// <summary>Our reader and writer of DNS messages against Makaretu.Dns, which was written by other people from the same RFCs.</summary>
public sealed class OtherCodecTests
{
    /// <summary>Letters, digits, punctuation and other scripts; no dot (see CodecDifferenceTests).</summary>
    private static readonly Gen<DnsName> AnyName =
        from labels in Gen.String[Gen.Char["abcXYZ019 _-#'()ÄéΣ日本"], 1, 15].Array[1, 6]
        select labels.Reverse().Aggregate(DnsName.Parse("local"), (name, label) => name.Child(System.Text.Encoding.UTF8.GetBytes(label)));

    private static readonly Gen<DnsRecord> AnyRecord = Gen.OneOf(
        Gen.Select(AnyName, AnyName, Gen.UInt, DnsRecord.Ptr),
        Gen.Select(AnyName, AnyName, Gen.UShort, Gen.UInt, DnsRecord.Srv),
        Gen.Select(AnyName, Gen.UInt, DnsRecord.EmptyTxt),
        Gen.Select(AnyName, Gen.Byte.Array[4], Gen.UInt, (n, a, t) => DnsRecord.Of(n, new(a), t)),
        Gen.Select(AnyName, Gen.Byte.Array[16], Gen.UInt, (n, a, t) => DnsRecord.Of(n, new(a), t)),
        Gen.Select(AnyName, Gen.UInt, (n, t) => DnsRecord.Nsec(n, t, DnsType.A, DnsType.Srv)));

    private static readonly Gen<DnsQuestion> AnyQuestion =
        Gen.Select(AnyName, OneOf(DnsType.Ptr, DnsType.Any, DnsType.Aaaa), Gen.Bool, (n, t, u) => new DnsQuestion(n, t, u));

    internal static readonly Gen<byte[]> AnyPacket =
        from id in Gen.UShort
        from flags in OneOf<ushort>(0, DnsMessage.TruncatedFlag, DnsMessage.ResponseFlag | DnsMessage.AuthoritativeFlag)
        from compressSrv in Gen.Bool
        from questions in AnyQuestion.Array[0, 3]
        from records in Gen.Select(OneOf(DnsSection.Answer, DnsSection.Authority, DnsSection.Additional), AnyRecord).Array[0, 8]
        select Write(id, flags, compressSrv, questions, records);

    public static TheoryData<string> Recordings => new("announce-and-resolve.txt", "query-response.txt");

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Both_codecs_read_recorded_packets_alike(string file)
    {
        var packets = GoldenPackets.Read(file);
        Assert.NotEmpty(packets);
        Assert.All(packets, p => AssertSameMeaning(p.Bytes));
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Recorded_packets_rewritten_by_the_other_codec_keep_their_meaning(string file) =>
        Assert.All(GoldenPackets.Read(file), p => AssertReadsWhatItWrites(p.Bytes));

    [Fact]
    public void The_other_codec_reads_what_ours_writes() => AnyPacket.Sample(AssertSameMeaning);

    [Fact]
    public void Our_codec_reads_what_the_other_writes() => AnyPacket.Sample(AssertReadsWhatItWrites);

    /// <summary>One packet of a stranger could take all memory of a program that used it.</summary>
    [Fact]
    public void No_program_depends_on_the_other_codec()
    {
        var locks = Directory.GetFiles(Path.Combine(Golden.Root, "src"), "packages.lock.json", SearchOption.AllDirectories);
        Assert.NotEmpty(locks);
        Assert.All(locks, l => Assert.DoesNotContain("makaretu", File.ReadAllText(l), StringComparison.OrdinalIgnoreCase));
    }

    internal static void AssertSameMeaning(byte[] packet)
    {
        Assert.True(DnsMessage.TryParse(packet, out var ours));
        var theirs = OtherCodec.Read(packet);
        Assert.True(theirs.Message is not null, theirs.Refusal);
        Assert.Equal(packet.Length, theirs.Length);
        Assert.Equal(PacketMeaning.Of(ours), PacketMeaning.Of(theirs.Message));
    }

    private static void AssertReadsWhatItWrites(byte[] packet)
    {
        Assert.True(DnsMessage.TryParse(packet, out var original));
        Assert.True(DnsMessage.TryParse(OtherCodec.Write(original), out var read));
        Assert.Equal(PacketMeaning.Of(original), PacketMeaning.Of(read));
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static byte[] Write(
        ushort id, ushort flags, bool compressSrv, DnsQuestion[] questions, (DnsSection Section, DnsRecord Record)[] records)
    {
        var writer = new DnsMessageWriter();
        writer.Begin(flags, id, compressSrv);
        foreach (var question in questions)
            writer.TryAdd(question);
        foreach (var (section, record) in records.OrderBy(r => r.Section))
            writer.TryAdd(section, record);
        return writer.Message.ToArray();
    }
}
