namespace Mandos.Server.Listening;

/// <summary>
/// The order in which handshake steps are computed, lowest rank first. Addresses from which a client connected before come first, then
/// networks with fewer recent failures. At equal levels a handshake in progress comes first, so that a peer does not wait a full round for
/// every step.
/// </summary>
internal static class HandshakeRank
{
    /// <summary>The number of failure levels.</summary>
    internal const int Levels = 4;

    /// <summary>The number of ranks.</summary>
    internal const int Count = 1 + 2 * Levels;

    /// <summary>
    /// A handshake takes four steps, or eight if the peer sends small pieces. One that takes more is ranked like one that has not begun.
    /// </summary>
    private const int MostSteps = 8;

    /// <summary>Returns the rank of a step.</summary>
    /// <param name="isProven">Whether a client presented its key from this address before.</param>
    /// <param name="failures">The recent failures of the network.</param>
    /// <param name="steps">The steps of this connection so far.</param>
    internal static int Of(bool isProven, int failures, int steps) =>
        isProven ? 0 : 1 + 2 * LevelOf(failures) + (steps is > 0 and < MostSteps ? 0 : 1);

    /// <summary>The level of a number of failures. A few cost little, because well-behaved clients lose connections too.</summary>
    private static int LevelOf(int failures) => failures switch
    {
        0 => 0,
        < 4 => 1,
        < 16 => 2,
        _ => 3,
    };
}
