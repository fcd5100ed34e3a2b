namespace Mandos.Server.Listening;

/// <summary>
/// The order in which steps of handshakes are computed, lowest first: those from where a client came before; then by how
/// many handshakes from the same network failed recently, and among equals the one that has begun, so that no peer
/// waits for a whole round again at each step.
/// </summary>
internal static class HandshakeRank
{
    /// <summary>Levels of failure.</summary>
    internal const int Levels = 4;

    /// <summary>How many ranks there are.</summary>
    internal const int Count = 1 + 2 * Levels;

    /// <summary>
    /// A handshake takes four steps, or eight in small pieces; one that is cut smaller is treated as one that has not begun.
    /// </summary>
    private const int MostSteps = 8;

    /// <summary>The rank of a step.</summary>
    /// <param name="isProven">A client showed its key from this address before.</param>
    /// <param name="failures">Of its network, lately.</param>
    /// <param name="steps">How many this connection has had.</param>
    internal static int Of(bool isProven, int failures, int steps) =>
        isProven ? 0 : 1 + 2 * LevelOf(failures) + (steps is > 0 and < MostSteps ? 0 : 1);

    /// <summary>A lost connection or two happen to good clients as well.</summary>
    private static int LevelOf(int failures) => failures switch
    {
        0 => 0,
        < 4 => 1,
        < 16 => 2,
        _ => 3,
    };
}
