using System.Net;
using Mandos.Core.Durations;

namespace Mandos.Client.Retrieval;

/// <summary>What the schedule wants done with a candidate now.</summary>
internal readonly record struct ScheduleStep(Candidate Candidate, bool Start);

/// <summary>
/// Decides when which server is tried. Pure: it gets what happened and when, and answers what to do.
/// <list type="bullet">
/// <item>An attempt starts at the latest <see cref="Stagger"/> after the last one that has no answer yet, at once if that
/// one failed (as RFC 8305 does with addresses), so a server that is dead or slow does not delay others.</item>
/// <item>Servers that the user named come first, then addresses and servers that had the fewest attempts: a neighbour
/// that announces a thousand servers gets no more turns than one that announces one. Servers whose message gave no password
/// come last of all, since decryption is the most expensive step.</item>
/// <item>A server that gave an answer that is of no use is tried again after the pause. One that gave none at first sooner,
/// after pauses that grow to that: an interface that has just come up gets its routes after its addresses, while detection
/// of duplicates runs the kernel refuses what it takes a moment later, and a system short of memory, or a server that
/// starts, needs a moment only.</item>
/// <item>When all places are taken the attempt that lasts longest makes room, once it has had its <see cref="Turn"/>.</item>
/// </list>
/// </summary>
/// <param name="retry">Pause before a server is tried again.</param>
internal sealed class AttemptSchedule(TimeSpan retry)
{
    /// <summary>Longest wait for an answer before the next one is tried as well.</summary>
    internal static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    /// <summary>How long an attempt is left alone although others wait for its place.</summary>
    internal static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    /// <summary>Attempts at the same time.</summary>
    internal const int MaximumParallel = 64;

    private const int MaximumAddresses = 4096;

    private static readonly TimeSpan FirstShortPause = TimeSpan.FromMilliseconds(250);

    // --retry=0 shall not keep the processor busy.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan _pause = retry > ShortestPause ? retry : ShortestPause;
    private readonly Dictionary<Candidate, Entry> _entries = [];
    private readonly Dictionary<IPAddress, int> _attemptsByAddress = [];
    private TimeSpan _gate;
    private Entry? _last;
    private int _sequence;

    private sealed class Entry(Candidate candidate, bool named, int sequence, TimeSpan now, TimeSpan pause)
    {
        /// <summary>Before the next attempt when the server gave no answer.</summary>
        public GrowingPause Short { get; } = new(FirstShortPause, pause);

        public Candidate Candidate { get; } = candidate;
        public bool Named { get; } = named;
        public int Sequence { get; } = sequence;
        public int Attempts { get; set; }
        public bool Running { get; set; }
        public bool Connected { get; set; }
        public bool Gone { get; set; }
        public bool Spoiled { get; set; }

        /// <summary>Running: since when. Waiting: until when.</summary>
        public TimeSpan Since { get; set; } = now;
    }

    /// <summary>A server is there. One that is known already is not counted twice.</summary>
    /// <param name="candidate">The server.</param>
    /// <param name="named">True if the user named it.</param>
    /// <param name="now">Time since any fixed moment.</param>
    internal void Add(Candidate candidate, bool named, TimeSpan now)
    {
        if (_entries.TryGetValue(candidate, out var known))
            known.Gone = false;
        else
            _entries.Add(candidate, new Entry(candidate, named, _sequence++, now, _pause));
    }

    /// <summary>A server is gone. An attempt that runs may still succeed.</summary>
    internal void Remove(Candidate candidate)
    {
        if (!_entries.TryGetValue(candidate, out var entry))
            return;
        entry.Gone = true;
        if (!entry.Running)
            _entries.Remove(candidate);
    }

    /// <summary>The attempt has got a connection.</summary>
    internal void Connected(Candidate candidate)
    {
        if (_entries.TryGetValue(candidate, out var entry))
            entry.Connected = true;
    }

    /// <summary>The attempt failed.</summary>
    /// <param name="candidate">The server.</param>
    /// <param name="now">Time since any fixed moment.</param>
    /// <param name="soon">True if the server gave no answer.</param>
    /// <param name="spoiled">True if it sent a message that gave no password.</param>
    internal void Failed(Candidate candidate, TimeSpan now, bool soon = false, bool spoiled = false)
    {
        if (!_entries.TryGetValue(candidate, out var entry) || !entry.Running)
            return;
        if (entry == _last)
            _gate = now;
        entry.Spoiled = spoiled;
        if (!soon)
            entry.Short.Reset();
        Rest(entry, now + (soon ? entry.Short.Take() : _pause));
    }

    /// <summary>
    /// The network changed for the better: what waits is tried again at once, what has no connection yet starts again.
    /// </summary>
    /// <param name="concerned">Which servers the change may help.</param>
    /// <param name="now">Time since any fixed moment.</param>
    internal IReadOnlyList<ScheduleStep> Hurry(Func<Candidate, bool> concerned, TimeSpan now)
    {
        List<ScheduleStep> stops = [];
        foreach (var entry in _entries.Values.Where(entry => concerned(entry.Candidate)).ToArray())
        {
            if (entry is { Running: true, Connected: false })
                stops.Add(new ScheduleStep(entry.Candidate, Start: false));
            entry.Short.Reset();
            if (!entry.Running || !entry.Connected)
                Rest(entry, now);
        }

        _gate = now;
        return stops;
    }

    /// <summary>What to do now, in this order.</summary>
    internal IReadOnlyList<ScheduleStep> Next(TimeSpan now)
    {
        List<ScheduleStep> steps = [];
        while (now >= _gate && Best(now) is { } entry && MakeRoom(now, steps))
        {
            entry.Running = true;
            entry.Connected = false;
            entry.Since = now;
            entry.Attempts++;
            CountAttempt(entry);
            _last = entry;
            _gate = now + Stagger;
            steps.Add(new ScheduleStep(entry.Candidate, Start: true));
        }

        return steps;
    }

    /// <summary>When <see cref="Next"/> has something to do at the latest if nothing happens until then; null if never.</summary>
    internal TimeSpan? WakeAt()
    {
        if (First(entry => !entry.Running, BySince) is not { } next)
            return null;
        var wake = next.Since > _gate ? next.Since : _gate;
        if (RunningCount < MaximumParallel)
            return wake;
        if (Longest() is not { } longest)
            return null;
        var room = longest.Since + Turn;
        return room > wake ? room : wake;
    }

    private int RunningCount => _entries.Values.Count(entry => entry.Running);

    private int AttemptsAt(Entry entry) => _attemptsByAddress.GetValueOrDefault(entry.Candidate.EndPoint.Address);

    private void CountAttempt(Entry entry)
    {
        // Invented addresses must not fill the memory.
        if (_attemptsByAddress.Count >= MaximumAddresses)
            _attemptsByAddress.Clear();
        _attemptsByAddress[entry.Candidate.EndPoint.Address] = AttemptsAt(entry) + 1;
    }

    private Entry? Best(TimeSpan now) => First(entry => !entry.Running && entry.Since <= now, (a, b) => RankOf(a).CompareTo(RankOf(b)));

    private Entry? Longest() => First(entry => entry is { Running: true, Named: false }, BySince);

    private static int BySince(Entry a, Entry b) => a.Since.CompareTo(b.Since);

    /// <summary>The lower, the earlier its turn.</summary>
    private (bool, bool, int, int, int) RankOf(Entry entry) =>
        (entry.Spoiled, !entry.Named, AttemptsAt(entry), entry.Attempts, entry.Sequence);

    private Entry? First(Func<Entry, bool> counts, Comparison<Entry> order)
    {
        Entry? first = null;
        foreach (var entry in _entries.Values)
        {
            if (counts(entry) && (first is null || order(entry, first) < 0))
                first = entry;
        }

        return first;
    }

    private bool MakeRoom(TimeSpan now, List<ScheduleStep> steps)
    {
        if (RunningCount < MaximumParallel)
            return true;
        if (Longest() is not { } longest || longest.Since + Turn > now)
            return false;
        steps.Add(new ScheduleStep(longest.Candidate, Start: false));
        Rest(longest, now + _pause);
        return true;
    }

    private void Rest(Entry entry, TimeSpan until)
    {
        entry.Running = false;
        entry.Since = until;
        if (entry.Gone)
            _entries.Remove(entry.Candidate);
    }
}
