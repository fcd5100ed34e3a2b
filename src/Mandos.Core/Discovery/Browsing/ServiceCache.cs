using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>
/// What is known on one interface about one service type: PTR records of the type, SRV records of their instances, and addresses of the
/// hosts. Nothing else is kept, and the number of each kind is limited: a flood replaces the oldest records and never uses more memory.
/// </summary>
internal sealed class ServiceCache(DnsName serviceType, int interfaceIndex, MulticastStatistics statistics, Random random)
{
    internal const int MaxInstances = 32;
    internal const int MaxServices = 32;
    internal const int MaxServicesOfOneInstance = 4;
    internal const int MaxAddresses = 128;
    internal const int MaxAddressesOfOneHost = 16;

    /// <summary>How often the missing address family is queried: a host without such addresses does not answer.</summary>
    private const int FollowUpsForFamily = 4;

    private static readonly TimeSpan FlushGrace = TimeSpan.FromSeconds(1);

    private readonly List<CachedRecord> _instances = [];
    private readonly List<CachedRecord> _services = [];
    private readonly List<CachedRecord> _addresses = [];
    private bool _changed;

    /// <summary>When the next record expires or must be queried.</summary>
    internal TimeSpan NextWake { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Takes records of the service type from a response.</summary>
    /// <param name="oneShot">Whether it answers a one-shot query.</param>
    /// <param name="sender">Its source if that is a link-local IPv6 address.</param>
    /// <param name="response">The response, whose origin has been checked.</param>
    /// <param name="now">The time.</param>
    internal void Take(DnsMessage response, bool oneShot, IPAddress? sender, TimeSpan now)
    {
        // The order matters: a record counts only if another one refers to it.
        foreach (var list in (List<CachedRecord>[])[_instances, _services, _addresses])
        {
            foreach (var records in (List<DnsRecord>[])[response.Answers, response.Additionals])
            {
                foreach (var record in records)
                {
                    if (ListFor(record) == list)
                        Take(list, record, oneShot, sender, now);
                }
            }
        }
    }

    /// <summary>Removes expired records.</summary>
    internal void Expire(TimeSpan now)
    {
        foreach (var list in (List<CachedRecord>[])[_instances, _services, _addresses])
            _changed |= list.RemoveAll(r => r.Expires <= now) > 0;
    }

    /// <summary>
    /// Passes on the questions that are due now, and schedules the next time. <paramref name="ask"/> returns false if no more questions fit
    /// into the query.
    /// </summary>
    internal void Ask(TimeSpan now, Func<DnsQuestion, CachedRecord, bool> ask)
    {
        var next = TimeSpan.MaxValue;
        foreach (var list in (List<CachedRecord>[])[_instances, _services, _addresses])
        {
            foreach (var known in list)
            {
                if (known.NextRefresh <= now && ask(new(known.Record.Name, known.Record.Type), known))
                    known.PlanRefresh(random);
                if (IsIncomplete(known) || (LacksFamily(known) && known.FollowUps < FollowUpsForFamily))
                {
                    if (known.NextFollowUp <= now && AskForTarget(known, ask))
                        known.PlanFollowUp(now);
                    next = Min(next, known.NextFollowUp);
                }

                next = Min(next, Min(known.Expires, known.NextRefresh));
            }
        }

        NextWake = next;
    }

    /// <summary>The instances that a query lists as known answers, with their remaining seconds.</summary>
    internal IEnumerable<(DnsRecord Record, uint Ttl)> KnownAnswers(TimeSpan now)
    {
        foreach (var instance in _instances)
        {
            if (instance.IsFresh(now))
                yield return (instance.Record, (uint)(instance.Expires - now).TotalSeconds);
        }
    }

    /// <summary>True if records appeared or disappeared since the last call; with the services found now.</summary>
    internal bool TryTakeChange([NotNullWhen(true)] out List<ServiceEvent>? found)
    {
        found = _changed ? Resolve() : null;
        _changed = false;
        return found is not null;
    }

    /// <summary>
    /// Returns each address of each instance, link-local ones first, because they are reachable without any route. A host that lists only
    /// other IPv6 addresses is also offered at the link-local address that it sent from: a machine in early boot often has no route to
    /// anything else.
    /// </summary>
    private List<ServiceEvent> Resolve()
    {
        var near = new List<ServiceEvent>();
        var far = new List<ServiceEvent>();
        foreach (var instance in _instances)
        {
            var target = instance.Record.Target;
            var name = target.DisplayLabel();
            foreach (var service in _services)
            {
                if (!service.Record.Name.Equals(target) || service.Record.Port == 0)
                    continue;
                var (hasLinkLocal, hasOtherIPv6) = (false, false);
                foreach (var record in _addresses)
                {
                    if (!record.Record.Name.Equals(service.Record.Target) || ToUsable(record.Record) is not { } address)
                        continue;
                    hasLinkLocal |= address.IsIPv6LinkLocal;
                    hasOtherIPv6 |= !address.IsIPv6LinkLocal && address.AddressFamily == AddressFamily.InterNetworkV6;
                    (address.IsIPv6LinkLocal ? near : far).Add(ToEvent(address));
                }

                if (hasOtherIPv6 && !hasLinkLocal && service.Sender is { } sender)
                    near.Add(ToEvent(new IPAddress(sender.GetAddressBytes(), interfaceIndex)));

                ServiceEvent ToEvent(IPAddress address) => new(true, name, new IPEndPoint(address, service.Record.Port), interfaceIndex);
            }
        }

        near.AddRange(far);
        return near;
    }

    private void Take(List<CachedRecord> list, DnsRecord record, bool oneShot, IPAddress? sender, TimeSpan now)
    {
        var known = list.Find(r => r.Record.Matches(record));
        if (record.Ttl == 0)
        {
            known?.Retire(now);
            return;
        }

        if (known is null)
        {
            known = new CachedRecord(record);
            MakeRoom(list, record);
            list.Add(known);
            _changed = true;
        }

        known.Renew(record, now, oneShot, sender, random);
        if (!record.CacheFlush)
            return;
        foreach (var other in list)
        {
            if (other != known && other.ReceivedAt < now - FlushGrace && IsSameSet(other.Record, record))
                other.Retire(now);
        }
    }

    private List<CachedRecord>? ListFor(DnsRecord record) => record.Type switch
    {
        DnsType.Ptr when record.Name.Equals(serviceType) && record.Target.IsChildOf(serviceType) => _instances,
        DnsType.Srv when _instances.Exists(i => i.Record.Target.Equals(record.Name)) && !record.Target.IsRoot => _services,
        DnsType.A or DnsType.Aaaa when _services.Exists(s => s.Record.Target.Equals(record.Name)) => _addresses,
        _ => null,
    };

    private void MakeRoom(List<CachedRecord> list, DnsRecord newcomer)
    {
        // Many instances share one name (the type's), so that the limit per name is the total limit.
        var (all, one) = list == _instances ? (MaxInstances, MaxInstances)
            : list == _services ? (MaxServices, MaxServicesOfOneInstance)
            : (MaxAddresses, MaxAddressesOfOneHost);
        if (list.FindAll(r => r.Record.Name.Equals(newcomer.Name)) is var same && same.Count >= one)
            RemoveOldest(list, same);
        else if (list.Count >= all)
            RemoveOldest(list, list);
    }

    private void RemoveOldest(List<CachedRecord> list, List<CachedRecord> among)
    {
        var oldest = among[0];
        foreach (var record in among)
        {
            if (record.ReceivedAt < oldest.ReceivedAt)
                oldest = record;
        }

        list.Remove(oldest);
        _changed = true;
        statistics.LimitReached++;
    }

    private bool IsIncomplete(CachedRecord known) => known.Record.Type switch
    {
        DnsType.Ptr => !_services.Exists(s => s.Record.Name.Equals(known.Record.Target)),
        DnsType.Srv => !_addresses.Exists(a => a.Record.Name.Equals(known.Record.Target)),
        _ => false,
    };

    /// <summary>
    /// Whether addresses of only one family are known. A server that announces itself only over IPv6 may be behind a firewall that permits
    /// only IPv4, or vice versa; its machine often answers a query for the other family.
    /// </summary>
    private bool LacksFamily(CachedRecord known) =>
        known.Record.Type == DnsType.Srv && HasAddress(known, DnsType.A) != HasAddress(known, DnsType.Aaaa);

    private bool HasAddress(CachedRecord service, DnsType type) =>
        _addresses.Exists(a => a.Record.Type == type && a.Record.Name.Equals(service.Record.Target));

    private bool AskForTarget(CachedRecord known, Func<DnsQuestion, CachedRecord, bool> ask)
    {
        var target = known.Record.Target;
        return known.Record.Type == DnsType.Ptr
            ? ask(new(target, DnsType.Srv), known)
            : (HasAddress(known, DnsType.Aaaa) || ask(new(target, DnsType.Aaaa), known))
                && (HasAddress(known, DnsType.A) || ask(new(target, DnsType.A), known));
    }

    private static bool IsSameSet(DnsRecord a, DnsRecord b) => a.Type == b.Type && a.Name.Equals(b.Name);

    /// <summary>Returns an address that can be connected to, with the scope if it is link-local.</summary>
    private IPAddress? ToUsable(DnsRecord record)
    {
        // Some responders announce IPv4 addresses in AAAA records; only an IPv4 socket can reach them.
        var address = record.Address.IsIPv4MappedToIPv6 ? record.Address.MapToIPv4() : record.Address;
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return address.GetAddressBytes()[0] is 0 or 127 or >= 224 ? null : address;
        if (address.IsIPv6LinkLocal)
            return new IPAddress(record.Data, interfaceIndex);
        return address.IsIPv6Multicast || address.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(address) ? null : address;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
