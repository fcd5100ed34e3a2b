namespace Mandos.Boot.Emulation;

/// <summary>Something that the console showed.</summary>
/// <param name="End">How much the console had shown with it.</param>
/// <param name="Time">When, as a time stamp of the system's <see cref="TimeProvider"/>.</param>
public sealed record Sight(int End, long Time)
{
    /// <summary>Seconds from one to the other.</summary>
    public static TimeSpan Between(Sight earlier, Sight later) => TimeProvider.System.GetElapsedTime(earlier.Time, later.Time);
}
