using System.Net;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>A record as long as it lives. Times are those of the machine.</summary>
internal sealed class CachedRecord
{
    /// <summary>Time to live that is believed at most, in seconds: one day.</summary>
    private const uint MaxTtl = 86_400;

    private static readonly TimeSpan GoodbyeDelay = TimeSpan.FromSeconds(1);

    private TimeSpan _lifetime;
    private int _refreshes;

    internal CachedRecord(DnsRecord record) => Record = record;

    internal DnsRecord Record { get; private set; }

    internal TimeSpan ReceivedAt { get; private set; }

    internal TimeSpan Expires { get; private set; }

    /// <summary>When it should be asked for again, before it expires (RFC 6762, section 5.2).</summary>
    internal TimeSpan NextRefresh { get; private set; }

    /// <summary>When what it points to may be asked for (again), if that is missing.</summary>
    internal TimeSpan NextFollowUp { get; private set; }

    /// <summary>How often that was asked for.</summary>
    internal int FollowUps { get; private set; }

    /// <summary>It is known only from answers to one-shot queries, which live for 10 s at most (RFC 6762, section 6.7).</summary>
    internal bool OneShotOnly { get; private set; }

    /// <summary>The link-local IPv6 address of the host that sent it, if there was one.</summary>
    internal IPAddress? Sender { get; private set; }

    /// <summary>It was received (again).</summary>
    internal void Renew(DnsRecord record, TimeSpan now, bool oneShot, IPAddress? sender, Random random)
    {
        Sender = sender ?? Sender;
        var ttl = TimeSpan.FromSeconds(Math.Min(record.Ttl, MaxTtl));
        // The short life of a one-shot answer says nothing about a record that was announced.
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

    /// <summary>It said goodbye, or was replaced: it lives for one more second (RFC 6762, sections 10.1 and 10.2).</summary>
    internal void Retire(TimeSpan now)
    {
        if (Expires <= now + GoodbyeDelay)
            return;
        Expires = now + GoodbyeDelay;
        NextRefresh = TimeSpan.MaxValue;
    }

    /// <summary>It was asked for: at 80, 85, 90 and 95 % of its life, each up to 2 % later.</summary>
    internal void PlanRefresh(Random random)
    {
        NextRefresh = _refreshes == 4
            ? TimeSpan.MaxValue
            : ReceivedAt + (_lifetime * (0.80 + (0.05 * _refreshes) + (0.02 * random.NextDouble())));
        _refreshes++;
    }

    /// <summary>What it points to was asked for: again after 0.25 s, 0.5 s, 1 s and so on up to a minute.</summary>
    internal void PlanFollowUp(TimeSpan now) =>
        NextFollowUp = now + TimeSpan.FromSeconds(Math.Min(60, 0.25 * (1 << Math.Min(FollowUps++, 10))));

    /// <summary>More than half of its life is left, so that a query can list it as known (RFC 6762, section 7.1).</summary>
    internal bool IsFresh(TimeSpan now) => !OneShotOnly && Expires - now > _lifetime / 2;
}
