using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>Tells of connections that came to nothing: some of them one by one, the rest of a flood by their number.</summary>
/// <param name="logger">The log.</param>
internal sealed class FailedConnections(ILogger logger)
{
    /// <summary>Between two reports.</summary>
    private const int Most = 20;

    private int _told;
    private long _untold;

    /// <summary>One more.</summary>
    internal void Add(string address, string detail)
    {
        if (Interlocked.Increment(ref _told) <= Most)
            logger.NoSession(address, detail);
        else
            Interlocked.Increment(ref _untold);
    }

    /// <summary>Called from time to time: tells how many there were besides.</summary>
    internal void Report()
    {
        Volatile.Write(ref _told, 0);
        if (Interlocked.Exchange(ref _untold, 0) is > 0 and var count)
            logger.MoreWithoutSession(count);
    }
}
