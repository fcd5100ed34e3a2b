namespace Mandos.Core.Durations;

/// <summary>Converts waits for .NET's timers.</summary>
public static class TimerTime
{
    /// <summary>Longer waits are split; a timer accepts at most 49 days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>
    /// Rounds a wait up to whole milliseconds, the resolution of timers: one that fires early would only be set again. The result is not
    /// negative and at most a day; <see cref="Timeout.InfiniteTimeSpan"/> is not changed.
    /// </summary>
    public static TimeSpan Of(TimeSpan wait)
    {
        if (wait == Timeout.InfiniteTimeSpan)
            return wait;
        if (wait <= TimeSpan.Zero)
            return TimeSpan.Zero;
        return wait > Longest ? Longest : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
    }
}
