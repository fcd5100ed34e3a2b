using System.Net;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>Browsing on one interface, over IPv6 and IPv4 in parallel.</summary>
internal sealed class BrowsedInterface
{
    /// <summary>The shortest time between two queries for missing or expiring records, however many a flood causes.</summary>
    private static readonly TimeSpan DetailPause = TimeSpan.FromMilliseconds(50);

    private readonly DnsMessageWriter _writer = new();
    private readonly BrowserMachine _owner;
    private readonly QuerySchedule[] _schedules;
    private readonly ServiceCache _cache;
    private readonly HashSet<DnsQuestion> _asked = [];
    private TimeSpan _nextDetails;
    private bool _detailsByOneShot;

    internal BrowsedInterface(int interfaceIndex, BrowserMachine owner)
    {
        _owner = owner;
        InterfaceIndex = interfaceIndex;
        _schedules = [new(new(interfaceIndex, IsIPv6: true)), new(new(interfaceIndex, IsIPv6: false))];
        _cache = new(_owner.ServiceType, interfaceIndex, _owner.Statistics, _owner.Random);
    }

    internal int InterfaceIndex { get; }

    internal IReadOnlyList<ServiceEvent> Found { get; private set; } = [];

    internal TimeSpan NextWake
    {
        get
        {
            var next = _cache.NextWake > _nextDetails ? _cache.NextWake : _nextDetails;
            foreach (var schedule in _schedules)
                next = Min(next, Min(schedule.NextOneShot, schedule.NextQuery));
            return next;
        }
    }

    internal void Restart(TimeSpan now)
    {
        foreach (var schedule in _schedules)
        {
            schedule.Joined = false;
            schedule.Restart(now, _owner.Random);
        }
    }

    internal void Leave()
    {
        foreach (var schedule in _schedules)
            _owner.Transport.Leave(schedule.Link);
    }

    internal void Take(DnsMessage response, bool oneShot, IPAddress source, TimeSpan now)
    {
        _cache.Take(response, oneShot, source, now);
        Tick(now);
    }

    internal void Tick(TimeSpan now)
    {
        _cache.Expire(now);
        if (_cache.TryTakeChange(out var found))
        {
            Found = found;
            _owner.NoteNews();
        }

        foreach (var schedule in _schedules)
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
        schedule.Joined = schedule.Joined || _owner.Transport.Join(schedule.Link).Ok;
        if (schedule.NextOneShot <= now)
        {
            _writer.Begin(0, _owner.OneShotId);
            _writer.TryAdd(new DnsQuestion(_owner.ServiceType, DnsType.Ptr));
            if (!_owner.Send(schedule, _writer.Message, oneShot: true, now))
                return;
            schedule.OneShotSent(now);
        }

        if (schedule.NextQuery <= now)
        {
            _writer.Begin(0);
            _writer.TryAdd(new DnsQuestion(_owner.ServiceType, DnsType.Ptr));
            foreach (var (record, ttl) in _cache.KnownAnswers(now))
                _writer.TryAdd(DnsSection.Answer, record, ttl, cacheFlush: false);
            if (_owner.Send(schedule, _writer.Message, oneShot: false, now))
                schedule.QuerySent(now);
        }
    }

    /// <summary>Sends one query for missing records and for those about to expire.</summary>
    private void AskDetails(TimeSpan now)
    {
        _writer.Begin(0, _owner.OneShotId);
        _detailsByOneShot = false;
        if (now < _nextDetails)
        {
            _cache.Ask(now, static (_, _) => false);
            return;
        }

        _asked.Clear();
        _cache.Ask(now, AddQuestion);
        if (_writer.IsEmpty)
            return;
        _nextDetails = now + DetailPause;
        foreach (var schedule in _schedules)
        {
            if (schedule.IsFailing)
                continue;
            _owner.Send(schedule, _writer.Message, oneShot: false, now);
            if (_detailsByOneShot)
                _owner.Send(schedule, _writer.Message, oneShot: true, now);
        }
    }

    /// <summary>
    /// Adds a question, once if several addresses sent the record that needs it. A one-shot query is the fastest way to missing records,
    /// and the only way to those that never arrived by multicast.
    /// </summary>
    private bool AddQuestion(DnsQuestion question, CachedRecord reason)
    {
        if (!_asked.Contains(question) && !_writer.TryAdd(question))
            return false;
        _asked.Add(question);
        _detailsByOneShot |= reason.OneShotOnly || question.Type != reason.Record.Type;
        return true;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
