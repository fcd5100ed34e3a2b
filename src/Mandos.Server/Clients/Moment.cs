namespace Mandos.Server.Clients;

/// <summary>
/// An instant on both clocks. While the server runs, the monotonic clock alone decides what is due; the wall clock is for users, and for
/// the time between two runs.
/// </summary>
/// <param name="Wall">The wall clock, in UTC.</param>
/// <param name="Monotonic">The time since a fixed instant of this boot (CLOCK_MONOTONIC).</param>
internal readonly record struct Moment(DateTime Wall, TimeSpan Monotonic)
{
    /// <summary>The current instant on both clocks.</summary>
    internal static Moment Now(TimeProvider time)
    {
        // Integer arithmetic: rounding must not move a due time.
        var (seconds, rest) = Math.DivRem(time.GetTimestamp(), time.TimestampFrequency);
        return new(
            time.GetUtcNow().UtcDateTime,
            new TimeSpan(seconds * TimeSpan.TicksPerSecond + rest * TimeSpan.TicksPerSecond / time.TimestampFrequency));
    }

    /// <summary>Adds a span on both clocks; the result saturates at the maximum. The span is never negative.</summary>
    public static Moment operator +(Moment moment, TimeSpan span) => new(
        DateTime.MaxValue - moment.Wall < span ? DateTime.MaxValue : moment.Wall + span,
        TimeSpan.MaxValue - moment.Monotonic < span ? TimeSpan.MaxValue : moment.Monotonic + span);

    /// <summary>Whether this instant has passed, by the monotonic clock.</summary>
    internal bool HasCome(Moment now) => Monotonic <= now.Monotonic;
}
