using System.Net;

namespace Mandos.Core.Discovery;

/// <summary>Browsing on one interface, over IPv6 and IPv4 at once.</summary>
internal sealed class BrowsedInterface
{
    /// <summary>Least distance of two queries for missing or expiring records, however many a flood makes us miss.</summary>
    private static readonly TimeSpan DetailPause = TimeSpan.FromMilliseconds(50);

    private readonly DnsMessageWriter writer = new();
    private readonly BrowserMachine owner;
    private readonly QuerySchedule[] schedules;
    private readonly ServiceCache cache;
    private TimeSpan nextDetails;
    private bool detailsByOneShot;

    internal BrowsedInterface(int interfaceIndex, BrowserMachine owner)
    {
        this.owner = owner;
        InterfaceIndex = interfaceIndex;
        schedules = [new(new(interfaceIndex, IsIPv6: true)), new(new(interfaceIndex, IsIPv6: false))];
        cache = new(owner.ServiceType, interfaceIndex, owner.Statistics, owner.Random);
    }

    internal int InterfaceIndex { get; }

    internal IReadOnlyList<ServiceEvent> Found { get; private set; } = [];

    internal TimeSpan NextWake
    {
        get
        {
            var next = cache.NextWake > nextDetails ? cache.NextWake : nextDetails;
            foreach (var schedule in schedules)
                next = Min(next, Min(schedule.NextOneShot, schedule.NextQuery));
            return next;
        }
    }

    internal void Restart(TimeSpan now)
    {
        foreach (var schedule in schedules)
        {
            schedule.Joined = false;
            schedule.Restart(now, owner.Random);
        }
    }

    internal void Leave()
    {
        foreach (var schedule in schedules)
            owner.Transport.Leave(schedule.Link);
    }

    internal void Take(DnsMessage response, bool oneShot, IPAddress? sender, TimeSpan now)
    {
        cache.Take(response, oneShot, sender, now);
        Tick(now);
    }

    internal void Tick(TimeSpan now)
    {
        cache.Expire(now);
        if (cache.TryTakeChange(out var found))
        {
            Found = found;
            owner.NoteNews();
        }

        foreach (var schedule in schedules)
        {
            if (Found.Count > 0)
                schedule.StopOneShots();
            else
                schedule.ResumeOneShots(now);
            SendDue(schedule, now);
        }

        AskDetails(now);
    }

    private void SendDue(QuerySchedule schedule, TimeSpan now)
    {
        if (schedule.NextOneShot > now && schedule.NextQuery > now)
            return;
        schedule.Joined = schedule.Joined || owner.Transport.Join(schedule.Link).Ok;
        if (schedule.NextOneShot <= now)
        {
            writer.Begin(0, owner.OneShotId);
            writer.TryAdd(new DnsQuestion(owner.ServiceType, DnsType.Ptr));
            if (!owner.Send(schedule, writer.Message, oneShot: true, now))
                return;
            schedule.OneShotSent(now);
        }

        if (schedule.NextQuery <= now)
        {
            writer.Begin(0);
            writer.TryAdd(new DnsQuestion(owner.ServiceType, DnsType.Ptr));
            foreach (var (record, ttl) in cache.KnownAnswers(now))
                writer.TryAdd(DnsSection.Answer, record, ttl, cacheFlush: false);
            if (owner.Send(schedule, writer.Message, oneShot: false, now))
                schedule.QuerySent(now);
        }
    }

    /// <summary>Asks for what is missing, and again for what is about to expire, in one query.</summary>
    private void AskDetails(TimeSpan now)
    {
        writer.Begin(0, owner.OneShotId);
        detailsByOneShot = false;
        if (now < nextDetails)
        {
            cache.Ask(now, static (_, _) => false);
            return;
        }

        cache.Ask(now, AddQuestion);
        if (writer.IsEmpty)
            return;
        nextDetails = now + DetailPause;
        foreach (var schedule in schedules)
        {
            if (schedule.IsFailing)
                continue;
            owner.Send(schedule, writer.Message, oneShot: false, now);
            if (detailsByOneShot)
                owner.Send(schedule, writer.Message, oneShot: true, now);
        }
    }

    /// <summary>A one-shot query is the quick way to what is missing, and the only way to what multicast never brought.</summary>
    private bool AddQuestion(DnsQuestion question, CachedRecord reason)
    {
        if (!writer.TryAdd(question))
            return false;
        detailsByOneShot |= reason.OneShotOnly || question.Type != reason.Record.Type;
        return true;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
