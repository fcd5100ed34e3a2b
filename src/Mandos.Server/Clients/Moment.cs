namespace Mandos.Server.Clients;

/// <summary>
/// An instant on both clocks. While the server runs the monotonic clock alone rules what is due; the wall clock is for
/// people, and for the time between two runs.
/// </summary>
/// <param name="Wall">UTC.</param>
/// <param name="Monotonic">Since some fixed instant of this run of the system (CLOCK_MONOTONIC).</param>
internal readonly record struct Moment(DateTime Wall, TimeSpan Monotonic)
{
    /// <summary>Now, on both clocks.</summary>
    internal static Moment Now(TimeProvider time)
    {
        // In whole numbers: what is due must come neither early nor late by a rounding.
        var (seconds, rest) = Math.DivRem(time.GetTimestamp(), time.TimestampFrequency);
        return new(
            time.GetUtcNow().UtcDateTime,
            new TimeSpan(seconds * TimeSpan.TicksPerSecond + rest * TimeSpan.TicksPerSecond / time.TimestampFrequency));
    }

    /// <summary>Later, by both clocks; the end of time if it is too far away. The span is never negative.</summary>
    public static Moment operator +(Moment moment, TimeSpan span) => new(
        DateTime.MaxValue - moment.Wall < span ? DateTime.MaxValue : moment.Wall + span,
        TimeSpan.MaxValue - moment.Monotonic < span ? TimeSpan.MaxValue : moment.Monotonic + span);

    /// <summary>Whether it has come, by the clock that rules.</summary>
    internal bool HasCome(Moment now) => Monotonic <= now.Monotonic;
}
