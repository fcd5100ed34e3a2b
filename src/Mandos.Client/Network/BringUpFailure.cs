using Mandos.Core.Durations;
using Mandos.Core.Linux;

namespace Mandos.Client.Network;

/// <summary>
/// An interface that could not be brought up yet. Most reasons pass: a device below it that is still down, firmware that
/// is not loaded yet, a driver that resets, a radio switch.
/// </summary>
internal sealed class BringUpFailure(TimeProvider time)
{
    // One that fails and changes because of it shall not keep the processor busy.
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly long _since = time.GetTimestamp();
    private readonly GrowingPause _pause = new(First, Longest);
    private long _last;
    private TimeSpan _wait;
    private bool _told;

    /// <summary>How long until it is tried again if nothing changes before; infinite if it never is.</summary>
    public TimeSpan Rest =>
        _wait == Timeout.InfiniteTimeSpan ? _wait : TimeSpan.FromTicks(Math.Max(0, (_wait - time.GetElapsedTime(_last)).Ticks));

    /// <summary>It failed (again). True if that should be reported now: it lasts, or it will not pass.</summary>
    public bool Failed(Errno error)
    {
        _last = time.GetTimestamp();
        _wait = IsFinal(error) ? Timeout.InfiniteTimeSpan : _pause.Take();
        if (_told || !(IsFinal(error) || time.GetElapsedTime(_since) >= Patience))
            return false;
        return _told = true;
    }

    /// <summary>Something changed: it is worth another attempt soon.</summary>
    public void Hurry()
    {
        if (_wait > Shortest)
            _wait = Shortest;
    }

    private static bool IsFinal(Errno error) => error.Code == Errno.NotPermitted;
}
