using System.Net;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>The records of one service instance on one link, with the times to live of RFC 6762, section 10.</summary>
internal sealed class ServiceRecords
{
    private const uint HostTtl = 120, OtherTtl = 4500;
    private const int MaxAddresses = 16;

    private static readonly DnsName Enumeration = DnsName.Parse("_services._dns-sd._udp.local");

    /// <summary>
    /// Creates the records, without addresses if another responder on this machine owns the host's name. Like avahi-daemon, each link
    /// publishes only addresses of its own family: a host that learns an IPv4 address over IPv6 may have no IPv4. Then no record denies the
    /// existence of others.
    /// </summary>
    internal ServiceRecords(
        DnsName serviceType, DnsName instance, DnsName host, ushort port, IReadOnlyList<IPAddress> addresses, bool hostIsOurs,
        bool hasMoreAddresses)
    {
        Addresses = addresses;
        Add(DnsRecord.Ptr(Enumeration, serviceType, OtherTtl), RecordOwner.ServiceType);
        Add(DnsRecord.Ptr(serviceType, instance, OtherTtl), RecordOwner.ServiceType);
        Add(DnsRecord.Srv(instance, host, port, HostTtl), RecordOwner.Instance);
        Add(DnsRecord.EmptyTxt(instance, OtherTtl), RecordOwner.Instance);
        Add(DnsRecord.Nsec(instance, OtherTtl, DnsType.Txt, DnsType.Srv), RecordOwner.Instance);
        if (!hostIsOurs)
            return;
        for (var i = 0; i < Math.Min(addresses.Count, MaxAddresses); i++)
            Add(DnsRecord.Of(host, addresses[i], HostTtl), RecordOwner.Host);
        if (addresses.Count > 0 && !hasMoreAddresses)
            Add(DnsRecord.Nsec(host, HostTtl, All[^1].Record.Type), RecordOwner.Host);
    }

    internal List<OwnRecord> All { get; } = [];

    internal IReadOnlyList<IPAddress> Addresses { get; }

    /// <summary>Returns the answers to a question; for a type that one of our names does not have, the record that says so.</summary>
    internal List<OwnRecord> AnswersTo(in DnsQuestion question)
    {
        var asked = question;
        var answers = All.FindAll(r => !r.IsNegative && asked.Asks(r.Record.Name, r.Record.Type));
        return answers.Count > 0 ? answers : All.FindAll(r => r.IsNegative && asked.Name.Equals(r.Record.Name));
    }

    /// <summary>
    /// Returns what the querier will need next: after the instance its SRV and TXT records, after those the addresses (RFC 6763, section
    /// 12).
    /// </summary>
    internal List<OwnRecord> AdditionalsFor(List<OwnRecord> answers)
    {
        var pointsToInstance = answers.Exists(a => a.IsShared && a.Record.Type == DnsType.Ptr && a.Record.Name != Enumeration);
        var pointsToHost = pointsToInstance || answers.Exists(a => a.Record.Type == DnsType.Srv);
        return All.FindAll(r => !answers.Contains(r)
            && ((pointsToInstance && r.Owner == RecordOwner.Instance) || (pointsToHost && r.Owner == RecordOwner.Host)));
    }

    /// <summary>Whether another host's record contradicts ours under a unique name.</summary>
    internal bool Contradicts(DnsRecord other, RecordOwner owner, bool probing)
    {
        if (other.Type == DnsType.Nsec || other.Ttl == 0)
            return false;
        var ofName = All.FindAll(r => r.Owner == owner && !r.IsNegative && r.Record.Name.Equals(other.Name));
        // A probing host claims all types of a name; later only the same type contradicts.
        return ofName.Count > 0
            && (probing || ofName.Exists(r => r.Record.Type == other.Type))
            && !ofName.Exists(r => r.Record.Matches(other));
    }

    private void Add(DnsRecord record, RecordOwner owner) => All.Add(new(record, owner));
}
