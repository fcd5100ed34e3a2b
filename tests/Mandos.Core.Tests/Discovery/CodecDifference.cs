using System.Buffers.Binary;
using System.Text;
using Mandos.Core.Discovery.Dns;
using Peer = Makaretu.Dns;

namespace Mandos.Core.Tests.Discovery;

/// <summary>
/// Where our reader and Makaretu.Dns are known to differ, each with the reason. What differs in any other way is a bug of one of them.
/// </summary>
internal static class CodecDifference
{
    /// <summary>What it accepts and ours refuses, by what it read.</summary>
    internal static readonly (string Name, Func<byte[], OtherReading, bool> Applies)[] OursRefuses =
    [
        // Nothing may follow: what is left over was counted wrong.
        ("bytes behind the last record", (bytes, theirs) => theirs.Length < bytes.Length),
        // RFC 1035, section 4.1.4: a length byte of 0x40 to 0xBF is reserved. It takes them for lengths.
        (
            "a label of more than 63 bytes",
            (_, theirs) => Names(theirs.Message!).Any(n => n.Labels.Any(l => Length(l) > DnsName.MaxLabelLength))),
        // RFC 1035, section 2.3.4.
        (
            "a name of more than 255 bytes",
            (_, theirs) => Names(theirs.Message!).Any(n => n.Labels.Sum(l => Length(l) + 1) + 1 > DnsName.MaxLength)),
        // It takes the length of an address from the record, whatever the type says.
        ("an A record with an IPv6 address, or the other way round", (_, theirs) => Records(theirs.Message!).OfType<Peer.AddressRecord>()
            .Any(a => a.Address.GetAddressBytes().Length != (a.Type == Peer.DnsType.A ? 4 : 16))),
        // Our bound on work for one packet.
        ("more than 256 questions and records", (bytes, _) => Entries(bytes) > DnsMessage.MaxEntries),
    ];

    /// <summary>
    /// What ours accepts and it refuses or reads with another meaning. Without these records and questions, written again, both must agree.
    /// </summary>
    internal static readonly (string Name, Func<DnsRecord, bool> Applies)[] TheirsRefuses =
    [
        // It reads text as ASCII only, and one other byte costs the whole packet.
        ("a TXT record with a byte above 0x7F", r => r.Type == DnsType.Txt && r.Data.ContainsAnyInRange((byte)0x80, (byte)0xFF)),
        // Ours carries the data of these types as it is: nothing here looks into them.
        ("the data of TXT, NSEC and types that service discovery does not use", r => r.Type is not (DnsType.A or DnsType.Aaaa or DnsType.Ptr
            or DnsType.Srv)),
        // It puts U+FFFD in place of what is not UTF-8.
        ("a name that is not UTF-8", r => !IsText(r.Name) || (r.Type is DnsType.Ptr or DnsType.Srv && !IsText(r.Target))),
    ];

    internal const string NotUtf8Question = "a question for a name that is not UTF-8";

    /// <summary>Ours passes over records of other classes, as OPT; it takes them apart, and refuses the packet if it cannot.</summary>
    internal const string OtherClass = "a record of another class";

    /// <summary>
    /// Ours follows a pointer to any earlier place where a name can be read. It knows only the places where it has read a name itself.
    /// </summary>
    internal const string Compression = "a pointer to a place inside other data";

    internal static int Entries(byte[] bytes) =>
        Enumerable.Range(2, 4).Sum(word => BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2 * word)));

    internal static bool IsText(DnsName name) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(name.Wire)).AsSpan().SequenceEqual(name.Wire);

    private static IEnumerable<Peer.ResourceRecord> Records(Peer.Message message) =>
        [.. message.Answers, .. message.AuthorityRecords, .. message.AdditionalRecords];

    private static IEnumerable<Peer.DomainName> Names(Peer.Message message) =>
    [
        .. message.Questions.Select(q => q.Name),
        .. Records(message).Select(r => r.Name),
        .. Records(message).OfType<Peer.PTRRecord>().Select(r => r.DomainName),
        .. Records(message).OfType<Peer.SRVRecord>().Select(r => r.Target),
    ];

    /// <summary>The least that the label can have had on the wire: U+FFFD may stand for a single byte.</summary>
    private static int Length(string label) => label.EnumerateRunes().Sum(r => r.Value == 0xFFFD ? 1 : r.Utf8SequenceLength);
}
