using System.Globalization;
using System.Net;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Tests.Discovery;

/// <summary>
/// Packets recorded of the original with Avahi: a line with time, addresses and flags, then one indented line a question
/// (<c>Q</c>) or record (<c>AN</c>, <c>NS</c>).
/// </summary>
internal static class GoldenPackets
{
    internal static List<SentPacket> Read(string file)
    {
        var packets = new List<SentPacket>();
        var lines = Golden.Text($"mdns/{file}").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < lines.Length;)
        {
            var head = lines[i++].Split(' ');
            List<DnsQuestion> questions = [];
            List<DnsRecord> answers = [], authorities = [];
            for (; i < lines.Length && lines[i][0] == ' '; i++)
            {
                var words = lines[i].Trim().Split(' ');
                if (words[0] == "Q")
                    questions.Add(new(Name(words[1]), Enum.Parse<DnsType>(words[2], ignoreCase: true)));
                else
                    (words[0] == "AN" ? answers : authorities).Add(Record(words));
            }

            var source = head[1][..head[1].LastIndexOf('.')];
            var flags = (ushort)Number(head[Array.IndexOf(head, "flags") + 1]);
            packets.Add(Packets.Message(flags, [.. questions], [.. answers], [.. authorities]) with
            {
                At = TimeSpan.FromSeconds(double.Parse(head[0], CultureInfo.InvariantCulture)),
                Source = IPAddress.Parse(source),
                HopLimit = Number(head[Array.IndexOf(head, "hop") + 1]),
            });
        }

        return packets;
    }

    // AN name type class 0x8001 ttl 120 data…
    private static DnsRecord Record(string[] words)
    {
        var name = Name(words[1]);
        var flush = (Number(words[4]) & 0x8000) != 0;
        var ttl = uint.Parse(words[6], CultureInfo.InvariantCulture);
        var record = words[2] switch
        {
            "PTR" => DnsRecord.Ptr(name, Name(words[7]), ttl),
            "SRV" => DnsRecord.Srv(name, Name(words[10]), ushort.Parse(words[9].TrimEnd(')'), CultureInfo.InvariantCulture), ttl),
            "TXT" => DnsRecord.EmptyTxt(name, ttl),
            "AAAA" => DnsRecord.Of(name, IPAddress.Parse(words[7]), ttl),
            _ => throw new InvalidDataException(words[2]),
        };
        return new(name, record.Type, ttl, record.Data.ToArray(), flush);
    }

    private static DnsName Name(string text) => DnsName.Parse(text);

    private static int Number(string hex) =>
        hex.StartsWith("0x", StringComparison.Ordinal)
            ? int.Parse(hex[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : int.Parse(hex, CultureInfo.InvariantCulture);
}
