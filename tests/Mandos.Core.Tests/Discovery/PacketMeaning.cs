using System.Buffers.Binary;
using System.Text;
using Mandos.Core.Discovery.Dns;
using Peer = Makaretu.Dns;

namespace Mandos.Core.Tests.Discovery;

/// <summary>
/// What a packet says, as lines of text that do not depend on who read it: the header, then each question and record of class IN.
/// Names without case, since compression may take the case of another name.
/// </summary>
internal static class PacketMeaning
{
    internal static List<string> Of(DnsMessage message) =>
    [
        $"id {message.Id} flags {message.Flags:x4}",
        .. message.Questions.Select(q => $"question {Text(q.Name)} {(int)q.Type} {q.UnicastResponse}"),
        .. message.Answers.Select(r => $"answer {Text(r)}"),
        .. message.Authorities.Select(r => $"authority {Text(r)}"),
        .. message.Additionals.Select(r => $"additional {Text(r)}"),
    ];

    internal static List<string> Of(Peer.Message message) =>
    [
        $"id {message.Id} flags {Flags(message):x4}",
        .. message.Questions.Where(q => ((int)q.Class & 0x7FFF) is 1 or 255).Select(
            q => $"question {Text(q.Name)} {(int)q.Type} {HasTopBit(q.Class)}"),
        .. message.Answers.Where(IsInternet).Select(r => $"answer {Text(r)}"),
        .. message.AuthorityRecords.Where(IsInternet).Select(r => $"authority {Text(r)}"),
        .. message.AdditionalRecords.Where(IsInternet).Select(r => $"additional {Text(r)}"),
    ];

    private static string Text(DnsRecord record) =>
        $"{Text(record.Name)} {(int)record.Type} flush {record.CacheFlush} ttl {record.Ttl} {Data(record)}";

    private static string Text(Peer.ResourceRecord record) =>
        $"{Text(record.Name)} {(int)record.Type} flush {HasTopBit(record.Class)} ttl {(uint)record.TTL.TotalSeconds} {Data(record)}";

    private static string Data(DnsRecord record) => record.Type switch
    {
        DnsType.Ptr => Text(record.Target),
        DnsType.Srv => $"{BinaryPrimitives.ReadUInt32BigEndian(record.Data):x8} port {record.Port} {Text(record.Target)}",
        DnsType.A or DnsType.Aaaa => record.Address.ToString(),
        _ => Convert.ToHexString(record.Data),
    };

    private static string Data(Peer.ResourceRecord record) => record switch
    {
        Peer.PTRRecord ptr => Text(ptr.DomainName),
        Peer.SRVRecord srv => $"{(srv.Priority << 16) | srv.Weight:x8} port {srv.Port} {Text(srv.Target)}",
        Peer.AddressRecord address => address.Address.ToString(),
        _ => Convert.ToHexString(record.GetData()),
    };

    private static string Text(DnsName name)
    {
        var labels = new List<string>();
        for (var rest = name.Wire; rest[0] != 0; rest = rest[(1 + rest[0])..])
            labels.Add(Folded(rest.Slice(1, rest[0])));
        return string.Join('.', labels);
    }

    private static string Text(Peer.DomainName name) => string.Join('.', name.Labels.Select(l => Folded(Encoding.UTF8.GetBytes(l))));

    /// <summary>Hexadecimal, so that a dot in a label is not taken for one between labels.</summary>
    private static string Folded(ReadOnlySpan<byte> label)
    {
        Span<byte> folded = label.ToArray();
        foreach (ref var b in folded)
            b = b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;
        return Convert.ToHexString(folded);
    }

    private static ushort Flags(Peer.Message m) => (ushort)(
        Bit(m.QR, 15) | ((int)m.Opcode << 11) | Bit(m.AA, 10) | Bit(m.TC, 9) | Bit(m.RD, 8) | Bit(m.RA, 7)
            | (m.Z << 6) | Bit(m.AD, 5) | Bit(m.CD, 4) | ((int)m.Status & 0xF));

    private static int Bit(bool value, int position) => value ? 1 << position : 0;

    private static bool IsInternet(Peer.ResourceRecord record) => ((int)record.Class & 0x7FFF) == 1;

    private static bool HasTopBit(Peer.DnsClass value) => ((int)value & 0x8000) != 0;
}
