using Mandos.Core.Durations;
using Mandos.Core.Linux;

namespace Mandos.Client.Network;

/// <summary>
/// An interface that could not be brought up yet. Most causes are temporary: a lower device that is still down, firmware that is not loaded
/// yet, a driver reset, a radio switch.
/// </summary>
internal sealed class BringUpFailure(TimeProvider time)
{
    // An interface that changes because the attempt failed must not keep the processor busy.
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly long _since = time.GetTimestamp();
    private readonly GrowingPause _pause = new(First, Longest);
    private long _last;
    private TimeSpan _wait;
    private bool _told;

    /// <summary>The time until the next attempt if nothing changes before; infinite if there is none.</summary>
    public TimeSpan Rest =>
        _wait == Timeout.InfiniteTimeSpan ? _wait : TimeSpan.FromTicks(Math.Max(0, (_wait - time.GetElapsedTime(_last)).Ticks));

    /// <summary>Records a failure. True if it should be reported now, because it persists or is permanent.</summary>
    public bool Failed(Errno error)
    {
        _last = time.GetTimestamp();
        _wait = IsFinal(error) ? Timeout.InfiniteTimeSpan : _pause.Take();
        if (_told || !(IsFinal(error) || time.GetElapsedTime(_since) >= Patience))
            return false;
        return _told = true;
    }

    /// <summary>Makes another attempt possible soon, because something changed.</summary>
    public void Hurry()
    {
        if (_wait > Shortest)
            _wait = Shortest;
    }

    private static bool IsFinal(Errno error) => error.Code == Errno.NotPermitted;
}
