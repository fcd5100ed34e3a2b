using System.Net;
using Mandos.Core.Durations;

namespace Mandos.Client.Retrieval;

/// <summary>What the schedule requests for a candidate now.</summary>
internal readonly record struct ScheduleStep(Candidate Candidate, bool Start);

/// <summary>
/// Decides when to try which server. Pure: its inputs are events and their times, its outputs are actions.
/// <list type="bullet">
/// <item>An attempt starts at the latest <see cref="Stagger"/> after the previous one, or immediately if that failed (as RFC 8305 does with
/// addresses), so that a dead or slow server does not delay others.</item>
/// <item>Servers that the user named come first, then addresses and servers that had the fewest attempts: a neighbour that announces a
/// thousand servers gets no more attempts than one that announces a single server. Servers whose message contained no password come last of
/// all, because decryption is the most expensive step.</item>
/// <item>Every fourth attempt goes to the address that has waited longest instead. Otherwise a neighbour with ever new addresses would
/// prevent a second attempt with a server that was still starting at the first.</item>
/// <item>A server with a useless answer is tried again after the pause. One without an answer is tried again sooner, after pauses that grow
/// to that length, because the cause may be temporary: a new interface gets its routes after its addresses, the kernel refuses packets
/// during duplicate address detection, the system is short of memory, or the server is starting.</item>
/// <item>When all places are taken, the oldest attempt is stopped in favour of another after its <see cref="Turn"/>.</item>
/// </list>
/// </summary>
/// <param name="retry">The pause before a server is tried again.</param>
internal sealed class AttemptSchedule(TimeSpan retry)
{
    /// <summary>The longest wait for an answer before the next server is tried in parallel.</summary>
    internal static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    /// <summary>How long an attempt may continue although others wait for its place.</summary>
    internal static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    /// <summary>The maximum number of parallel attempts.</summary>
    internal const int MaximumParallel = 64;

    private const int MaximumAddresses = 4096;

    /// <summary>One in so many attempts goes to the address that has waited longest.</summary>
    private const int TurnsOfLongest = 4;

    private static readonly TimeSpan FirstShortPause = TimeSpan.FromMilliseconds(250);

    // --retry=0 must not keep the processor busy.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan _pause = retry > ShortestPause ? retry : ShortestPause;
    private readonly Dictionary<Candidate, Entry> _entries = [];
    private readonly Dictionary<IPAddress, History> _histories = [];
    private TimeSpan _gate;
    private Entry? _last;
    private int _sequence;
    private int _turns;

    /// <summary>The attempts at one address.</summary>
    private sealed class History
    {
        public int Attempts { get; set; }
        public TimeSpan Last { get; set; }
    }

    private sealed class Entry(Candidate candidate, bool named, int sequence, TimeSpan now, TimeSpan pause)
    {
        /// <summary>The pauses after attempts without an answer.</summary>
        public GrowingPause Short { get; } = new(FirstShortPause, pause);

        public Candidate Candidate { get; } = candidate;
        public bool Named { get; } = named;
        public int Sequence { get; } = sequence;
        public TimeSpan Added { get; } = now;
        public int Attempts { get; set; }
        public bool Running { get; set; }
        public bool Connected { get; set; }
        public bool Gone { get; set; }
        public bool Spoiled { get; set; }

        /// <summary>When a running attempt began, or when a waiting candidate is due.</summary>
        public TimeSpan Since { get; set; } = now;
    }

    /// <summary>Adds a server; one that is already known is not added again.</summary>
    /// <param name="candidate">The server.</param>
    /// <param name="named">Whether the user named it.</param>
    /// <param name="now">The time since any fixed instant.</param>
    internal void Add(Candidate candidate, bool named, TimeSpan now)
    {
        if (_entries.TryGetValue(candidate, out var known))
            known.Gone = false;
        else
            _entries.Add(candidate, new Entry(candidate, named, _sequence++, now, _pause));
    }

    /// <summary>Removes a server that has disappeared. A running attempt may still succeed.</summary>
    internal void Remove(Candidate candidate)
    {
        if (!_entries.TryGetValue(candidate, out var entry))
            return;
        entry.Gone = true;
        if (!entry.Running)
            _entries.Remove(candidate);
    }

    /// <summary>Records that an attempt has connected.</summary>
    internal void Connected(Candidate candidate)
    {
        if (_entries.TryGetValue(candidate, out var entry))
            entry.Connected = true;
    }

    /// <summary>Records that an attempt failed.</summary>
    /// <param name="candidate">The server.</param>
    /// <param name="now">The time since any fixed instant.</param>
    /// <param name="soon">Whether the server gave no answer.</param>
    /// <param name="spoiled">Whether the server sent a message that contained no password.</param>
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
    /// Reacts to an improvement of the network: waiting servers are tried again immediately, and attempts without a connection start again.
    /// </summary>
    /// <param name="concerned">The servers that the change may help.</param>
    /// <param name="now">The time since any fixed instant.</param>
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

    /// <summary>Returns what to do now, in order.</summary>
    internal IReadOnlyList<ScheduleStep> Next(TimeSpan now)
    {
        List<ScheduleStep> steps = [];
        while (now >= _gate && Best(now) is { } entry && MakeRoom(now, steps))
        {
            entry.Running = true;
            entry.Connected = false;
            entry.Since = now;
            entry.Attempts++;
            CountAttempt(entry, now);
            _turns++;
            _last = entry;
            _gate = now + Stagger;
            steps.Add(new ScheduleStep(entry.Candidate, Start: true));
        }

        return steps;
    }

    /// <summary>When <see cref="Next"/> must be called at the latest if nothing happens before; null if never.</summary>
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

    private History? HistoryOf(Entry entry) => _histories.GetValueOrDefault(entry.Candidate.EndPoint.Address);

    private void CountAttempt(Entry entry, TimeSpan now)
    {
        if (HistoryOf(entry) is not { } history)
        {
            // Invented addresses must not fill the memory.
            if (_histories.Count >= MaximumAddresses)
                _histories.Clear();
            _histories[entry.Candidate.EndPoint.Address] = history = new();
        }

        history.Attempts++;
        history.Last = now;
    }

    private Entry? Best(TimeSpan now) =>
        First(entry => !entry.Running && entry.Since <= now, _turns % TurnsOfLongest == TurnsOfLongest - 1 ? ByWait : ByRank);

    private int ByRank(Entry a, Entry b) => RankOf(a).CompareTo(RankOf(b));

    private int ByWait(Entry a, Entry b)
    {
        var order = a.Spoiled == b.Spoiled && a.Named == b.Named ? WaitsSince(a).CompareTo(WaitsSince(b)) : 0;
        return order != 0 ? order : ByRank(a, b);
    }

    private TimeSpan WaitsSince(Entry entry) => HistoryOf(entry)?.Last ?? entry.Added;

    private Entry? Longest() => First(entry => entry is { Running: true, Named: false }, BySince);

    private static int BySince(Entry a, Entry b) => a.Since.CompareTo(b.Since);

    /// <summary>The rank of a server; the lowest is tried first.</summary>
    private (bool, bool, int, int, int) RankOf(Entry entry) =>
        (entry.Spoiled, !entry.Named, HistoryOf(entry)?.Attempts ?? 0, entry.Attempts, entry.Sequence);

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
