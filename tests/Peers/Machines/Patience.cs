namespace Mandos.Peers.Machines;

/// <summary>
/// How long is waited for what should happen soon: a busy machine is no failure, and no limit of a wait is a claim about
/// speed. Where something is not to happen, an exact time is waited instead.
/// </summary>
internal static class Patience
{
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1);

    /// <summary>A limit of a wait, or more.</summary>
    internal static TimeSpan AtLeast(TimeSpan limit) => limit > Least ? limit : Least;
}
