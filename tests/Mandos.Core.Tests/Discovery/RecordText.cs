using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Tests.Discovery;

/// <summary>Records as text, so that a failed test shows all of what differs.</summary>
internal static class RecordText
{
    internal static string Of(DnsRecord record) =>
        $"{record.Name} {record.Type} {record.Ttl} {record.CacheFlush} " + record.Type switch
        {
            DnsType.Ptr => record.Target.ToString(),
            DnsType.Srv =>
                $"({record.Data[0] << 8 | record.Data[1]}, {record.Data[2] << 8 | record.Data[3]}, {record.Port}) {record.Target}",
            DnsType.A or DnsType.Aaaa => record.Address.ToString(),
            _ => Convert.ToHexString(record.Data),
        };
}
