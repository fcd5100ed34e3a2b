namespace Mandos.Client.Network;

/// <summary>Comparison of waits, in which <see cref="Timeout.InfiniteTimeSpan"/> is the longest although it is negative.</summary>
internal static class Wait
{
    /// <summary>Returns the shorter of two waits; infinite if both are.</summary>
    public static TimeSpan Shorter(TimeSpan a, TimeSpan b) =>
        a == Timeout.InfiniteTimeSpan || (b != Timeout.InfiniteTimeSpan && b < a) ? b : a;
}
