namespace Mandos.Client.Network;

/// <summary>Times to wait, of which <see cref="Timeout.InfiniteTimeSpan"/> is the longest although it is a negative number.</summary>
internal static class Wait
{
    /// <summary>The shorter of two; infinite if both are.</summary>
    public static TimeSpan Shorter(TimeSpan a, TimeSpan b) =>
        a == Timeout.InfiniteTimeSpan || (b != Timeout.InfiniteTimeSpan && b < a) ? b : a;
}
