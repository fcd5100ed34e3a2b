namespace Mandos.Core.Durations;

/// <summary>Waits as the timers of .NET take them.</summary>
public static class TimerTime
{
    /// <summary>Longer waits are waited for in parts; a timer takes at most 49 days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>
    /// A wait in whole milliseconds, rounded up, as timers count: one that fires early would only be set again. Not negative, at
    /// most a day; <see cref="Timeout.InfiniteTimeSpan"/> stays what it is.
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
