using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>
/// When to ask for the service type on one link. Two kinds of query: one-shot ones, to which responders answer at once by
/// unicast (a fraction of a millisecond with avahi-daemon), at short distances until something is found; and continuous
/// ones from port 5353, to which they answer by multicast after 20 to 120 ms, as RFC 6762, section 5.2 spaces them.
/// </summary>
internal sealed class QuerySchedule(MulticastLink link)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LaterRetry = TimeSpan.FromSeconds(1);

    /// <summary>Failures in a row after which an address is not to be expected soon: five seconds' worth.</summary>
    private const int PatientAfter = 100;
    private const double OneShotCap = 4, ContinuousCap = 60;

    private int _oneShots;
    private int _queries;
    private int _failures;

    internal MulticastLink Link { get; } = link;

    /// <summary>The group is joined, and the addresses of the interface were read.</summary>
    internal bool Joined { get; set; }

    internal TimeSpan NextOneShot { get; private set; }

    internal TimeSpan NextQuery { get; private set; }

    internal bool IsFailing => _failures > 0;

    /// <summary>
    /// From the first, quick query on. The continuous ones wait a little, by chance, since others may have started with us.
    /// </summary>
    internal void Restart(TimeSpan now, Random random)
    {
        _oneShots = _queries = _failures = 0;
        NextOneShot = now;
        NextQuery = now + TimeSpan.FromMilliseconds(random.Next(20, 121));
    }

    /// <summary>After 0.1 s, 0.2 s, 0.4 s and so on up to 4 s.</summary>
    internal void OneShotSent(TimeSpan now)
    {
        _failures = 0;
        NextOneShot = now + TimeSpan.FromSeconds(Math.Min(OneShotCap, 0.1 * (1 << Math.Min(_oneShots++, 10))));
    }

    /// <summary>After 1 s, 2 s, 4 s and so on up to a minute.</summary>
    internal void QuerySent(TimeSpan now)
    {
        _failures = 0;
        NextQuery = now + TimeSpan.FromSeconds(Math.Min(ContinuousCap, 1 << Math.Min(_queries++, 10)));
    }

    /// <summary>The address is still tentative, or there is none, or the interface is down: soon again, from the start.</summary>
    internal void Failed(TimeSpan now)
    {
        Joined = false;
        _failures++;
        var retry = now + (_failures > PatientAfter ? LaterRetry : FirstRetry);
        NextOneShot = NextOneShot > retry ? NextOneShot : retry;
        NextQuery = NextQuery > retry ? NextQuery : retry;
    }

    /// <summary>Something was found: continuous queries do from now on.</summary>
    internal void StopOneShots() => NextOneShot = TimeSpan.MaxValue;

    /// <summary>What was found is gone.</summary>
    internal void ResumeOneShots(TimeSpan now)
    {
        if (NextOneShot == TimeSpan.MaxValue)
            NextOneShot = now + TimeSpan.FromSeconds(1);
    }
}
