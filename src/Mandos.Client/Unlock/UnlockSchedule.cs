using Mandos.Core.Durations;

namespace Mandos.Client.Unlock;

/// <summary>
/// Decides when to fetch the password, and which question to answer. One fetch answers all disks, each once. If a disk asks again, it has
/// refused the password, and a new fetch follows after a growing pause. A refused password is tried again only much later, and never as the
/// last try: each answer interrupts the user who is typing, and after the last one cryptsetup gives up the disk. Pure: its inputs are
/// events and their times.
/// </summary>
/// <remarks>Times are relative to any fixed instant.</remarks>
internal sealed class UnlockSchedule
{
    /// <summary>The first pause between a refusal or a failed fetch and the next fetch; doubled each time.</summary>
    internal static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The time after which a refused password is tried again; the disk may have refused a correct one (its driver failed, memory was
    /// short).
    /// </summary>
    internal static readonly TimeSpan SamePasswordAgain = TimeSpan.FromMinutes(5);

    private readonly List<GivenPassword> _given = [];
    private readonly GrowingPause _pause = new(FirstPause, LongestPause);

    /// <summary>When the next fetch may begin; null if it need not wait or has begun.</summary>
    private TimeSpan? _nextFetch;
    private bool _fetching;
    private bool _hasPassword;
    private PasswordQuestion? _answered;

    /// <summary>Returns what to do now. A fetch counts as begun; an answer must be confirmed by <see cref="Answered"/>.</summary>
    internal UnlockStep Next(PasswordQuestion? question, TimeSpan now)
    {
        var step = Decide(question, now);
        if (step == UnlockStep.Fetch)
            (_fetching, _nextFetch) = (true, null);
        return step;
    }

    /// <summary>Returns the disk that has just refused the password, once for each refusal.</summary>
    internal string? Refusal(PasswordQuestion? question, TimeSpan now)
    {
        if (question is not { } open || _answered is not { } answered || open.ProcessId == answered.ProcessId)
            return null;
        _answered = null;
        if (open.Disk != answered.Disk)
            return null;
        // A pending fetch is not postponed; otherwise the old password, tried again just before each fetch, would postpone it forever.
        if (_nextFetch is null)
            Pause(now);
        return open.Disk;
    }

    /// <summary>Records that a question got the password.</summary>
    internal void Answered(PasswordQuestion question, TimeSpan now)
    {
        _answered = question;
        var given = GivenTo(question.Disk);
        if (given is null)
            _given.Add(given = new GivenPassword(question.Disk));
        given.At = now;
    }

    /// <summary>Records that a fetch returned a password; <paramref name="known"/>: the same as before.</summary>
    internal void Fetched(bool known, TimeSpan now)
    {
        _fetching = false;
        _hasPassword = true;
        if (known)
            Pause(now);
        else
            _given.Clear();
    }

    /// <summary>Records that a fetch returned nothing.</summary>
    internal void FetchFailed(TimeSpan now)
    {
        _fetching = false;
        Pause(now);
    }

    private UnlockStep Decide(PasswordQuestion? question, TimeSpan now)
    {
        var mayFetch = !_fetching && !(now < _nextFetch);
        if (!_hasPassword)
            return mayFetch ? UnlockStep.Fetch : UnlockStep.Wait;
        if (question is not { } open || open.ProcessId == _answered?.ProcessId)
            return UnlockStep.Wait;
        if (GivenTo(open.Disk) is not { } before || (now - before.At >= SamePasswordAgain && !open.IsLastTry))
            return UnlockStep.Answer;
        return mayFetch ? UnlockStep.Fetch : UnlockStep.Wait;
    }

    private GivenPassword? GivenTo(string disk)
    {
        foreach (var given in _given)
        {
            if (given.Disk == disk)
                return given;
        }

        return null;
    }

    private void Pause(TimeSpan now)
    {
        _nextFetch = now + _pause.Take();
    }
}
