using System.Text;
using Mandos.Core.Discovery.Dns;
using Peer = Makaretu.Dns;

namespace Mandos.Core.Tests.Discovery;

/// <summary>Makaretu.Dns, which shares no code with ours: a second opinion on every packet.</summary>
internal static class OtherCodec
{
    /// <summary>
    /// Bytes; no packet longer than this is handed over. Makaretu.Dns bounds neither the length of a name nor its number of labels,
    /// and copies them at each step: 1,440 bytes cost it 2 MB, 9,000 bytes 50 MB, and one UDP datagram of 65,000 bytes 4.2 GB.
    /// </summary>
    internal const int MaxLength = DnsMessageWriter.MaxLength;

    internal static OtherReading Read(byte[] bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxLength);
        using var stream = new MemoryStream(bytes, writable: false);
        var message = new Peer.Message();
        try
        {
            message.Read(stream);
            return new(message, (int)stream.Position, "");
        }
        catch (Exception e)
        {
            // It refuses with exceptions of six unrelated types.
            return new(null, (int)stream.Position, $"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>The bytes that it makes of the same questions and records.</summary>
    internal static byte[] Write(DnsMessage ours)
    {
        var message =
            new Peer.Message
            {
                Id = ours.Id,
                QR = ours.IsResponse,
                AA = (ours.Flags & DnsMessage.AuthoritativeFlag) != 0,
                TC = ours.IsTruncated
            };
        message.Questions.AddRange(ours.Questions.Select(Convert));
        message.Answers.AddRange(ours.Answers.Select(Convert));
        message.AuthorityRecords.AddRange(ours.Authorities.Select(Convert));
        message.AdditionalRecords.AddRange(ours.Additionals.Select(Convert));
        return message.ToByteArray();
    }

    private static Peer.Question Convert(DnsQuestion question) =>
        new() { Name = Convert(question.Name), Type = (Peer.DnsType)question.Type, Class = Class(question.UnicastResponse) };

    private static Peer.ResourceRecord Convert(DnsRecord record)
    {
        Peer.ResourceRecord converted = record.Type switch
        {
            DnsType.Ptr => new Peer.PTRRecord { DomainName = Convert(record.Target) },
            DnsType.Srv => new Peer.SRVRecord { Port = record.Port, Target = Convert(record.Target) },
            DnsType.Txt => new Peer.TXTRecord { Strings = [""] },
            DnsType.A or DnsType.Aaaa => Peer.AddressRecord.Create(Convert(record.Name), record.Address),
            DnsType.Nsec => new Peer.NSECRecord { NextOwnerName = Convert(record.Name), Types = [Peer.DnsType.A, Peer.DnsType.SRV] },
            _ => throw new ArgumentException($"no conversion for type {record.Type}"),
        };
        converted.Name = Convert(record.Name);
        converted.Class = Class(record.CacheFlush);
        converted.TTL = TimeSpan.FromSeconds(record.Ttl);
        return converted;
    }

    private static Peer.DomainName Convert(DnsName name)
    {
        var labels = new List<string>();
        for (var rest = name.Wire; rest[0] != 0; rest = rest[(1 + rest[0])..])
            labels.Add(Encoding.UTF8.GetString(rest.Slice(1, rest[0])));
        return new([.. labels]);
    }

    /// <summary>It knows nothing of the top bit, which multicast DNS uses for unicast responses and the flushing of caches.</summary>
    private static Peer.DnsClass Class(bool topBit) => (Peer.DnsClass)(topBit ? 0x8001 : 0x0001);
}

/// <summary>A message, or why it refused; and how far it read.</summary>
internal sealed record OtherReading(Peer.Message? Message, int Length, string Refusal);
