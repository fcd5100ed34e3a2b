using System.Diagnostics.CodeAnalysis;

namespace Mandos.Core.Discovery.Dns;

/// <summary>A received multicast DNS message (RFC 6762, section 18) that has been checked completely.</summary>
internal sealed class DnsMessage
{
    /// <summary>The largest message in bytes that multicast DNS allows (RFC 6762, section 17).</summary>
    internal const int MaxLength = 9000;

    /// <summary>
    /// The limit on questions and records together. A real message has at most a few dozen; with compression a hostile one could contain
    /// some 800.
    /// </summary>
    internal const int MaxEntries = 256;

    internal const int HeaderLength = 12;
    internal const ushort ResponseFlag = 0x8000;
    internal const ushort AuthoritativeFlag = 0x0400;
    internal const ushort TruncatedFlag = 0x0200;

    private const ushort OpcodeAndCodeMask = 0x780F;

    internal DnsMessage(ushort id, ushort flags)
    {
        Id = id;
        Flags = flags;
    }

    internal ushort Id { get; }

    internal ushort Flags { get; }

    internal bool IsResponse => (Flags & ResponseFlag) != 0;

    /// <summary>In a query: more known answers follow in further messages (RFC 6762, section 7.2).</summary>
    internal bool IsTruncated => (Flags & TruncatedFlag) != 0;

    /// <summary>
    /// Whether the operation and the code are 0; messages with others are silently ignored (RFC 6762, sections 18.3 and 18.11).
    /// </summary>
    internal bool IsPlain => (Flags & OpcodeAndCodeMask) == 0;

    internal List<DnsQuestion> Questions { get; } = [];

    internal List<DnsRecord> Answers { get; } = [];

    /// <summary>In a query: the records that a probing host is about to claim (RFC 6762, section 8.2).</summary>
    internal List<DnsRecord> Authorities { get; } = [];

    internal List<DnsRecord> Additionals { get; } = [];

    /// <summary>Parses a complete message. False if any part of it is malformed; then nothing of it may be used.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        return bytes.Length <= MaxLength && new DnsMessageReader(bytes).TryReadMessage(out message);
    }
}

/// <summary>
/// A question of class IN. <see cref="UnicastResponse"/> is the top bit of the class: the querier prefers a unicast answer (RFC 6762,
/// section 5.4).
/// </summary>
internal readonly record struct DnsQuestion(DnsName Name, DnsType Type, bool UnicastResponse = false)
{
    internal bool Asks(DnsName name, DnsType type) => (Type == type || Type == DnsType.Any) && Name.Equals(name);
}

/// <summary>The section of a message to which a record is added, in this order.</summary>
internal enum DnsSection
{
    Answer = 3,
    Authority = 4,
    Additional = 5,
}
