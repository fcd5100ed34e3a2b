using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>
/// What is known on one interface about one service type: PTR records of the type, SRV records of their instances, and addresses of the
/// hosts. Nothing else is kept, and the number of each kind is limited: a flood replaces the records of the address that it comes from, so
/// that it hides no other server, and never uses more memory. Each address speaks only for itself: the same record from two addresses is
/// kept twice, and a goodbye, a replacement or a shorter lifetime ends what came from the same address.
/// </summary>
internal sealed class ServiceCache(DnsName serviceType, int interfaceIndex, MulticastStatistics statistics, Random random)
{
    // A server sends each record from its IPv6 and from its IPv4 address, so that each of these is twice what is useful.
    internal const int MaxInstances = 64;
    internal const int MaxServices = 64;
    internal const int MaxServicesOfOneInstance = 8;
    internal const int MaxAddresses = 256;
    internal const int MaxAddressesOfOneHost = 32;

    /// <summary>How often the missing address family is queried: a host without such addresses does not answer.</summary>
    private const int FollowUpsForFamily = 4;

    private static readonly TimeSpan FlushGrace = TimeSpan.FromSeconds(1);

    private readonly List<CachedRecord> _instances = [];
    private readonly List<CachedRecord> _services = [];
    private readonly List<CachedRecord> _addresses = [];

    /// <summary>The names that have an SRV record or an address of a type, while questions are collected.</summary>
    private readonly HashSet<(DnsName Name, DnsType Type)> _present = [];
    private bool _changed;

    /// <summary>When the next record expires or must be queried.</summary>
    internal TimeSpan NextWake { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Takes records of the service type from a response.</summary>
    /// <param name="oneShot">Whether it answers a one-shot query.</param>
    /// <param name="source">Its source.</param>
    /// <param name="response">The response, whose origin has been checked.</param>
    /// <param name="now">The time.</param>
    internal void Take(DnsMessage response, bool oneShot, IPAddress source, TimeSpan now)
    {
        // The order matters: a record counts only if another one refers to it.
        foreach (var list in (List<CachedRecord>[])[_instances, _services, _addresses])
        {
            foreach (var records in (List<DnsRecord>[])[response.Answers, response.Additionals])
            {
                foreach (var record in records)
                {
                    if (ListFor(record) == list)
                        Take(list, record, oneShot, source, now);
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
        _present.Clear();
        foreach (var record in _services.Concat(_addresses))
            _present.Add((record.Record.Name, record.Record.Type));
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
        var named = new HashSet<DnsName>();
        foreach (var instance in _instances)
        {
            if (instance.IsFresh(now) && named.Add(instance.Record.Target))
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
    /// Returns each address of each instance, perhaps more than once, link-local ones first, because they are reachable without any route.
    /// A host that lists only other IPv6 addresses is also offered at the link-local address that it sent from: a machine in early boot
    /// often has no route to anything else.
    /// </summary>
    private List<ServiceEvent> Resolve()
    {
        var near = new List<ServiceEvent>();
        var far = new List<ServiceEvent>();
        // By name: a flood must not cost the product of the numbers of records.
        var services = _services.ToLookup(service => service.Record.Name);
        var addresses = _addresses.ToLookup(address => address.Record.Name);
        foreach (var target in _instances.Select(instance => instance.Record.Target).Distinct())
        {
            var name = target.DisplayLabel();
            foreach (var service in services[target])
            {
                if (service.Record.Port == 0)
                    continue;
                var (hasLinkLocal, hasOtherIPv6) = (false, false);
                foreach (var record in addresses[service.Record.Target])
                {
                    if (ToUsable(record.Record) is not { } address)
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

    private void Take(List<CachedRecord> list, DnsRecord record, bool oneShot, IPAddress source, TimeSpan now)
    {
        var known = list.Find(r => r.Origin.Equals(source) && r.Record.Matches(record));
        if (record.Ttl == 0)
        {
            known?.Retire(now);
            return;
        }

        if (known is null)
        {
            known = new CachedRecord(record, source);
            MakeRoom(list, known);
            list.Add(known);
            _changed = true;
        }

        known.Renew(record, now, oneShot, random);
        if (!record.CacheFlush)
            return;
        foreach (var other in list)
        {
            if (other != known && other.Origin.Equals(source) && other.ReceivedAt < now - FlushGrace && IsSameSet(other.Record, record))
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

    private void MakeRoom(List<CachedRecord> list, CachedRecord newcomer)
    {
        // Many instances share one name (the type's), so that the limit per name is the total limit.
        var (all, one) = list == _instances ? (MaxInstances, MaxInstances)
            : list == _services ? (MaxServices, MaxServicesOfOneInstance)
            : (MaxAddresses, MaxAddressesOfOneHost);
        if (list.FindAll(r => r.Record.Name.Equals(newcomer.Record.Name)) is var same && same.Count >= one)
            RemoveOne(list, same, newcomer.Origin);
        else if (list.Count >= all)
            RemoveOne(list, list, newcomer.Origin);
    }

    /// <summary>Removes the oldest record of the address that the most of them came from, the newcomer counted.</summary>
    private void RemoveOne(List<CachedRecord> list, List<CachedRecord> among, IPAddress newcomer)
    {
        var most = among.GroupBy(record => record.Origin)
            .MaxBy(origin => (origin.Count() + (origin.Key.Equals(newcomer) ? 1 : 0), origin.Key.Equals(newcomer)))!;
        list.Remove(most.MinBy(record => record.ReceivedAt)!);
        _changed = true;
        statistics.LimitReached++;
    }

    private bool IsIncomplete(CachedRecord known) => known.Record.Type switch
    {
        DnsType.Ptr => !_present.Contains((known.Record.Target, DnsType.Srv)),
        DnsType.Srv => !HasAddress(known, DnsType.A) && !HasAddress(known, DnsType.Aaaa),
        _ => false,
    };

    /// <summary>
    /// Whether addresses of only one family are known. A server that announces itself only over IPv6 may be behind a firewall that permits
    /// only IPv4, or vice versa; its machine often answers a query for the other family.
    /// </summary>
    private bool LacksFamily(CachedRecord known) =>
        known.Record.Type == DnsType.Srv && HasAddress(known, DnsType.A) != HasAddress(known, DnsType.Aaaa);

    private bool HasAddress(CachedRecord service, DnsType type) => _present.Contains((service.Record.Target, type));

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
