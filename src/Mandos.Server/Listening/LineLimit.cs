using System.Collections.Concurrent;
using Mandos.Core.Keys;

namespace Mandos.Server.Listening;

/// <summary>Limits log lines that unknown peers cause: some are logged individually, the rest only as a number.</summary>
/// <param name="logRest">Logs the number of suppressed lines.</param>
internal sealed class LineLimit(Action<long> logRest)
{
    /// <summary>The maximum number of lines between two reports.</summary>
    internal const int Most = 20;

    private int _written;
    private long _leftOut;

    /// <summary>Whether one more line may be logged; if not, it is counted.</summary>
    internal bool Allows()
    {
        if (Interlocked.Increment(ref _written) <= Most)
            return true;
        Interlocked.Increment(ref _leftOut);
        return false;
    }

    /// <summary>Called periodically: logs the number of suppressed lines.</summary>
    internal void Report()
    {
        Volatile.Write(ref _written, 0);
        if (Interlocked.Exchange(ref _leftOut, 0) is > 0 and var count)
            logRest(count);
    }
}

/// <summary>The same for each client, so that one of them suppresses no line of another.</summary>
/// <param name="logRest">Logs the number of suppressed lines of a client.</param>
internal sealed class LineLimits(Action<KeyId, long> logRest)
{
    private readonly ConcurrentDictionary<KeyId, LineLimit> _limits = new();

    /// <summary>Whether one more line about a client may be logged; there are no more clients than are configured.</summary>
    internal bool Allows(KeyId client) => _limits.GetOrAdd(client, key => new(count => logRest(key, count))).Allows();

    /// <summary>Called periodically: logs the numbers of suppressed lines.</summary>
    internal void Report()
    {
        foreach (var (client, limit) in _limits)
        {
            limit.Report();
            // A line that is logged meanwhile begins a new count.
            _limits.TryRemove(client, out _);
        }
    }
}
