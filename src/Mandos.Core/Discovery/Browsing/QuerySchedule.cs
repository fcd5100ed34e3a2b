using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>
/// When to query for the service type on one link. There are two kinds of query: one-shot queries, which responders answer immediately by
/// unicast (avahi-daemon in a fraction of a millisecond), at short intervals until something is found; and continuous queries from port
/// 5353, which they answer by multicast after 20 to 120 ms, at the intervals of RFC 6762, section 5.2.
/// </summary>
internal sealed class QuerySchedule(MulticastLink link)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LaterRetry = TimeSpan.FromSeconds(1);

    /// <summary>The number of consecutive failures after which an address is not expected soon; they take five seconds.</summary>
    private const int PatientAfter = 100;
    private const double OneShotCap = 4, ContinuousCap = 60;

    private int _oneShots;
    private int _queries;
    private int _failures;

    internal MulticastLink Link { get; } = link;

    /// <summary>Whether the group was joined and the interface's addresses were read.</summary>
    internal bool Joined { get; set; }

    internal TimeSpan NextOneShot { get; private set; }

    internal TimeSpan NextQuery { get; private set; }

    internal bool IsFailing => _failures > 0;

    /// <summary>
    /// Starts again from the first one-shot query. Continuous queries are delayed randomly, because other machines may have started at the
    /// same time.
    /// </summary>
    internal void Restart(TimeSpan now, Random random)
    {
        _oneShots = _queries = _failures = 0;
        NextOneShot = now;
        NextQuery = now + TimeSpan.FromMilliseconds(random.Next(20, 121));
    }

    /// <summary>Schedules the next one-shot query: after 0.1 s, 0.2 s, 0.4 s and so on up to 4 s.</summary>
    internal void OneShotSent(TimeSpan now)
    {
        _failures = 0;
        NextOneShot = now + TimeSpan.FromSeconds(Math.Min(OneShotCap, 0.1 * (1 << Math.Min(_oneShots++, 10))));
    }

    /// <summary>Schedules the next continuous query: after 1 s, 2 s, 4 s and so on up to a minute.</summary>
    internal void QuerySent(TimeSpan now)
    {
        _failures = 0;
        NextQuery = now + TimeSpan.FromSeconds(Math.Min(ContinuousCap, 1 << Math.Min(_queries++, 10)));
    }

    /// <summary>Schedules a restart soon, because the address is missing or still tentative, or the interface is down.</summary>
    internal void Failed(TimeSpan now)
    {
        Joined = false;
        _failures++;
        var retry = now + (_failures > PatientAfter ? LaterRetry : FirstRetry);
        NextOneShot = NextOneShot > retry ? NextOneShot : retry;
        NextQuery = NextQuery > retry ? NextQuery : retry;
    }

    /// <summary>Stops one-shot queries, because something was found and continuous queries are now sufficient.</summary>
    internal void StopOneShots() => NextOneShot = TimeSpan.MaxValue;

    /// <summary>Resumes one-shot queries, because what was found has disappeared.</summary>
    internal void ResumeOneShots(TimeSpan now)
    {
        if (NextOneShot == TimeSpan.MaxValue)
            NextOneShot = now + TimeSpan.FromSeconds(1);
    }
}
