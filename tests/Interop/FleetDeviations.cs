namespace Mandos.Interop;

/// <summary>Everything in which a day with our server differs from one with the original's, and why.</summary>
internal static class FleetDeviations
{
    public static IReadOnlyList<FleetDeviation> All { get; } = [];
}
