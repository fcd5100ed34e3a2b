using System.Net;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>A record that one address sent, during its lifetime. Times are those of the machine.</summary>
internal sealed class CachedRecord
{
    /// <summary>The maximum time to live that is accepted, in seconds: one day.</summary>
    private const uint MaxTtl = 86_400;

    private static readonly TimeSpan GoodbyeDelay = TimeSpan.FromSeconds(1);

    private TimeSpan _lifetime;
    private int _refreshes;

    /// <param name="record">The record.</param>
    /// <param name="origin">The address that it comes from.</param>
    internal CachedRecord(DnsRecord record, IPAddress origin)
    {
        Record = record;
        Origin = origin;
    }

    /// <summary>The address that it comes from: one that sends many records displaces its own, and withdraws only its own.</summary>
    internal IPAddress Origin { get; }

    internal DnsRecord Record { get; private set; }

    internal TimeSpan ReceivedAt { get; private set; }

    internal TimeSpan Expires { get; private set; }

    /// <summary>When the record should be queried again before it expires (RFC 6762, section 5.2).</summary>
    internal TimeSpan NextRefresh { get; private set; }

    /// <summary>When the record's target may be queried (again), if it is missing.</summary>
    internal TimeSpan NextFollowUp { get; private set; }

    /// <summary>How often the target was queried.</summary>
    internal int FollowUps { get; private set; }

    /// <summary>
    /// The record is known only from answers to one-shot queries, which are valid for at most 10 s (RFC 6762, section 6.7).
    /// </summary>
    internal bool OneShotOnly { get; private set; }

    /// <summary>The origin, if it is a link-local IPv6 address.</summary>
    internal IPAddress? Sender => Origin.IsIPv6LinkLocal ? Origin : null;

    /// <summary>Updates the record after it was received again.</summary>
    internal void Renew(DnsRecord record, TimeSpan now, bool oneShot, Random random)
    {
        var ttl = TimeSpan.FromSeconds(Math.Min(record.Ttl, MaxTtl));
        // The short lifetime in a one-shot answer does not apply to a record that was announced.
        if (oneShot && Expires > now + ttl)
            return;
        OneShotOnly = oneShot;
        Record = record;
        ReceivedAt = now;
        _lifetime = ttl;
        Expires = now + ttl;
        _refreshes = 0;
        PlanRefresh(random);
    }

    /// <summary>Limits the remaining lifetime to one second after a goodbye or a replacement (RFC 6762, sections 10.1 and 10.2).</summary>
    internal void Retire(TimeSpan now)
    {
        if (Expires <= now + GoodbyeDelay)
            return;
        Expires = now + GoodbyeDelay;
        NextRefresh = TimeSpan.MaxValue;
    }

    /// <summary>Schedules the next query for the record: at 80, 85, 90 and 95 % of its lifetime, each up to 2 % later.</summary>
    internal void PlanRefresh(Random random)
    {
        NextRefresh = _refreshes == 4
            ? TimeSpan.MaxValue
            : ReceivedAt + (_lifetime * (0.80 + (0.05 * _refreshes) + (0.02 * random.NextDouble())));
        _refreshes++;
    }

    /// <summary>Schedules the next query for the target: after 0.25 s, 0.5 s, 1 s and so on up to a minute.</summary>
    internal void PlanFollowUp(TimeSpan now) =>
        NextFollowUp = now + TimeSpan.FromSeconds(Math.Min(60, 0.25 * (1 << Math.Min(FollowUps++, 10))));

    /// <summary>
    /// Whether more than half of the lifetime is left, so that a query can list the record as known (RFC 6762, section 7.1).
    /// </summary>
    internal bool IsFresh(TimeSpan now) => !OneShotOnly && Expires - now > _lifetime / 2;
}
