using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Tests.Discovery;

/// <summary>Damaged and odd packets: one reader may refuse what the other accepts only for a reason that is listed.</summary>
public sealed class CodecDifferenceTests
{
    private const int Count = 20_000;

    /// <summary>For each listed reason a packet that differs by it alone.</summary>
    public static TheoryData<string, byte[]> Examples => new()
    {
        { CodecDifference.OursRefuses[0].Name, Question([.. Name, 0, 1, 0, 1, 0]) },
        { CodecDifference.OursRefuses[1].Name, Question([64, .. Letters(64), 0, 0, 1, 0, 1]) },
        { CodecDifference.OursRefuses[2].Name,
            Question([60, .. Letters(60), 60, .. Letters(60), 60, .. Letters(60), 60, .. Letters(60), 11, .. Letters(11), 0, 0, 1, 0, 1]) },
        { CodecDifference.OursRefuses[3].Name, Answer([.. Name, 0, 1, 0, 1, 0, 0, 0, 9, 0, 16, .. new byte[16]]) },
        { CodecDifference.OursRefuses[4].Name,
            [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, .. Enumerable.Repeat<byte[]>([0, 0, 1, 0, 1], 257).SelectMany(q => q)] },
        { CodecDifference.TheirsRefuses[0].Name, Answer([.. Name, 0, 16, 0, 1, 0, 0, 0, 9, 0, 2, 1, 0xFF]) },
        { CodecDifference.TheirsRefuses[1].Name, Answer([.. Name, 0, 16, 0, 1, 0, 0, 0, 9, 0, 2, 7, 0x61]) },
        { CodecDifference.TheirsRefuses[2].Name, Answer([.. Name, 0, 12, 0, 1, 0, 0, 0, 9, 0, 3, 1, 0xFF, 0]) },
        { CodecDifference.NotUtf8Question, Question([1, 0xFF, 0, 0, 1, 0, 1]) },
        { CodecDifference.OtherClass, Answer([.. Name, 0, 1, 0, 3, 0, 0, 0, 9, 0, 3, 1, 2, 3]) },
        // The label of three bytes contains a name.
        { CodecDifference.Compression, [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 3, 1, 0x61, 0, 0, 0, 1, 0, 1, 0xC0, 13, 0, 1, 0, 1] },
    };

    private static ReadOnlySpan<byte> Name => [2, (byte)'v', (byte)'m', 0];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Each_listed_reason_has_an_example(string reason, byte[] packet) => Assert.Equal([reason], Differences(packet));

    [Fact]
    public void Both_codecs_agree_on_damaged_packets_except_for_listed_reasons()
    {
        // The same packets each time: what fails here fails again.
        var random = new Random(20);
        var sources = Sources();
        var (agreed, differed) = (0, 0);
        for (var i = 0; i < Count; i++)
        {
            if (Differences(Damage(sources[random.Next(sources.Count)], random)).Count == 0)
                agreed++;
            else
                differed++;
        }

        // Neither all refused nor all excused.
        Assert.InRange(agreed, Count / 2, Count);
        Assert.InRange(differed, Count / 100, Count);
    }

    /// <summary>It compares names as text, with dots between labels. So the names that are generated hold no dot.</summary>
    [Fact]
    public void The_other_codec_writes_a_label_with_a_dot_and_two_labels_alike()
    {
        var local = DnsName.Parse("local");
        var original = new DnsMessage(0, 0);
        original.Questions.Add(new(local.Child("a.b"u8), DnsType.Ptr));
        original.Questions.Add(new(DnsName.Parse("a.b.local"), DnsType.Ptr));
        Assert.NotEqual(original.Questions[0], original.Questions[1]);
        Assert.True(DnsMessage.TryParse(OtherCodec.Write(original), out var read));
        Assert.Equal(read.Questions[0], read.Questions[1]);
    }

    /// <summary>The bound on what it gets keeps a packet from taking all memory.</summary>
    [Fact]
    public void The_worst_packet_of_the_maximum_size_costs_some_megabytes_and_a_larger_one_is_rejected()
    {
        var labels = (OtherCodec.MaxLength - DnsMessage.HeaderLength - 5) / 2;
        var packet = Question([.. Enumerable.Repeat<byte[]>([1, 0x61], labels).SelectMany(l => l), 0, 0, 1, 0, 1]);
        Assert.InRange(packet.Length, OtherCodec.MaxLength - 1, OtherCodec.MaxLength);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(labels, OtherCodec.Read(packet).Message!.Questions[0].Name.Labels.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000);
        Assert.Throws<ArgumentOutOfRangeException>(() => OtherCodec.Read(new byte[OtherCodec.MaxLength + 1]));
    }

    /// <summary>The reasons why the two differ about a packet; empty if they do not.</summary>
    private static List<string> Differences(byte[] packet)
    {
        var theirs = OtherCodec.Read(packet);
        if (!DnsMessage.TryParse(packet, out var ours))
        {
            if (theirs.Message is null)
                return [];
            var refused = CodecDifference.OursRefuses.Where(d => d.Applies(packet, theirs)).Select(d => d.Name).ToList();
            Assert.True(refused.Count > 0, $"only ours refuses {Convert.ToHexString(packet)}");
            return refused;
        }

        if (theirs.Message is not null && PacketMeaning.Of(ours).SequenceEqual(PacketMeaning.Of(theirs.Message)))
            return [];
        var reasons = new List<string>();
        var rest = Reduce(packet, ours, reasons);
        OtherCodecTests.AssertSameMeaning(rest);
        return reasons.Count > 0 ? reasons : [CodecDifference.Compression];
    }

    /// <summary>The packet in our writer's form, without what it is known to read differently.</summary>
    private static byte[] Reduce(byte[] packet, DnsMessage ours, List<string> reasons)
    {
        var writer = new DnsMessageWriter();
        writer.Begin(ours.Flags, ours.Id);
        foreach (var question in ours.Questions)
        {
            if (!CodecDifference.IsText(question.Name))
                reasons.Add(CodecDifference.NotUtf8Question);
            else
                Assert.True(writer.TryAdd(question));
        }

        foreach (var (section, records)
            in new[] { (DnsSection.Answer, ours.Answers), (DnsSection.Authority, ours.Authorities),
                (DnsSection.Additional, ours.Additionals) })
        {
            foreach (var record in records)
            {
                var reason = CodecDifference.TheirsRefuses.FirstOrDefault(d => d.Applies(record)).Name;
                if (reason is not null)
                    reasons.Add(reason);
                else
                    Assert.True(writer.TryAdd(section, record));
            }
        }

        if (CodecDifference.Entries(packet) > ours.Questions.Count + ours.Answers.Count + ours.Authorities.Count + ours.Additionals.Count)
            reasons.Add(CodecDifference.OtherClass);
        return writer.Message.ToArray();
    }

    private static byte[] Question(ReadOnlySpan<byte> question) => [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. question];

    private static byte[] Answer(ReadOnlySpan<byte> record) => [0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, .. record];

    private static byte[] Letters(int count) => [.. Enumerable.Repeat((byte)'a', count)];

    private static List<byte[]> Sources() =>
    [
        .. GoldenPackets.Read("announce-and-resolve.txt").Concat(GoldenPackets.Read("query-response.txt")).Select(p => p.Bytes),
        .. Directory.GetFiles(Path.Combine(Golden.Root, "tests", "Fuzz", "Corpus", "dns"))
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes),
        // A packet with an address of each family, text, and the OPT record of EDNS.
        [.. DiscoveryPacket(), 0, 0, 41, 5, 0xA0, 0, 0, 0, 0, 0, 0],
    ];

    private static byte[] DiscoveryPacket()
    {
        var packet = Packets.Response(
        [
            .. Packets.Service("Mändos #2", "vm", 4711, "fe80::1", "10.1.0.1"),
            DnsRecord.EmptyTxt(Packets.Type.Child("Mandos"u8), 4500),
            DnsRecord.Nsec(DnsName.Parse("vm.local"), 120, DnsType.A, DnsType.Aaaa),
        ]).Bytes;
        packet[11]++;
        return packet;
    }

    private static byte[] Damage(byte[] source, Random random)
    {
        var packet = source.ToArray();
        for (var i = random.Next(4); i >= 0; i--)
        {
            var at = random.Next(packet.Length);
            packet[at] =
                random.Next(3) switch
                {
                    0 => (byte)random.Next(256),
                    1 => (byte)(packet[at] ^ (1 << random.Next(8))),
                    _ => packet[random.Next(packet.Length)]
                };
        }

        return random.Next(10) switch
        {
            0 => packet[..random.Next(packet.Length + 1)],
            1 => [.. packet, .. new byte[1 + random.Next(8)]],
            _ => packet,
        };
    }
}
