using System.Net;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Tests.Discovery;

/// <summary>Packets as a neighbour would send them.</summary>
internal static class Packets
{
    internal static readonly DnsName Type = DnsName.Parse("_mandos._tcp.local");

    internal static readonly IPAddress Neighbour = IPAddress.Parse("fe80::1");

    /// <summary>PTR, SRV, then one address record for each address.</summary>
    internal static DnsRecord[] Service(string instance, string host, ushort port, params string[] addresses)
    {
        var name = Type.Child(System.Text.Encoding.UTF8.GetBytes(instance));
        var hostName = DnsName.Parse($"{host}.local");
        return
        [
            DnsRecord.Ptr(Type, name, 4500),
            DnsRecord.Srv(name, hostName, port, 120),
            .. addresses.Select(a => DnsRecord.Of(hostName, IPAddress.Parse(a), 120)),
        ];
    }

    internal static SentPacket Response(params DnsRecord[] answers) => Message(0x8400, [], answers, []);

    internal static SentPacket Query(params DnsQuestion[] questions) => Message(0, questions, [], []);

    internal static SentPacket Message(ushort flags, DnsQuestion[] questions, DnsRecord[] answers, DnsRecord[] authorities, ushort id = 0)
    {
        var writer = new DnsMessageWriter();
        writer.Begin(flags, id);
        foreach (var question in questions)
            Assert.True(writer.TryAdd(question));
        foreach (var answer in answers)
            Assert.True(writer.TryAdd(DnsSection.Answer, answer));
        foreach (var authority in authorities)
            Assert.True(writer.TryAdd(DnsSection.Authority, authority));
        return new(writer.Message.ToArray(), true, Neighbour, MulticastLink.Port);
    }
}
