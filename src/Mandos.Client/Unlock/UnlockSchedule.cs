using Mandos.Core.Durations;

namespace Mandos.Client.Unlock;

/// <summary>
/// When the password is fetched, and which question it answers. One fetch answers all disks, each of them once. A disk that
/// asks again has refused it: then comes a new fetch, after a pause that grows. A password that a disk has refused is given
/// to it again only much later and never as its last try: each answer takes the keyboard away from the user who is typing, and
/// after the last one the disk is given up. Pure: it gets what happens and when.
/// </summary>
/// <remarks>Times are counted from any fixed moment.</remarks>
internal sealed class UnlockSchedule
{
    /// <summary>Between a refusal or a failed fetch and the next fetch, at first; doubled each time.</summary>
    internal static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>A disk may have refused a good password (its driver failed, memory was short).</summary>
    internal static readonly TimeSpan SamePasswordAgain = TimeSpan.FromMinutes(5);

    private readonly List<GivenPassword> _given = [];
    private readonly GrowingPause _pause = new(FirstPause, LongestPause);

    /// <summary>The next fetch, if it has to wait; it has begun, or never was to wait: null.</summary>
    private TimeSpan? _nextFetch;
    private bool _fetching;
    private bool _hasPassword;
    private PasswordQuestion? _answered;

    /// <summary>What to do now; a fetch counts as begun, an answer has to be confirmed by <see cref="Answered"/>.</summary>
    internal UnlockStep Next(PasswordQuestion? question, TimeSpan now)
    {
        var step = Decide(question, now);
        if (step == UnlockStep.Fetch)
            (_fetching, _nextFetch) = (true, null);
        return step;
    }

    /// <summary>The disk that has refused the password just now; once for each refusal.</summary>
    internal string? Refusal(PasswordQuestion? question, TimeSpan now)
    {
        if (question is not { } open || _answered is not { } answered || open.ProcessId == answered.ProcessId)
            return null;
        _answered = null;
        if (open.Disk != answered.Disk)
            return null;
        // A fetch that is to come is not put off: the old password, given again each time just before it, would have no end.
        if (_nextFetch is null)
            Pause(now);
        return open.Disk;
    }

    /// <summary>The question got the password.</summary>
    internal void Answered(PasswordQuestion question, TimeSpan now)
    {
        _answered = question;
        var given = GivenTo(question.Disk);
        if (given is null)
            _given.Add(given = new GivenPassword(question.Disk));
        given.At = now;
    }

    /// <summary>There is a password; <paramref name="known"/>: it is the one there was before.</summary>
    internal void Fetched(bool known, TimeSpan now)
    {
        _fetching = false;
        _hasPassword = true;
        if (known)
            Pause(now);
        else
            _given.Clear();
    }

    /// <summary>The fetch brought nothing.</summary>
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
