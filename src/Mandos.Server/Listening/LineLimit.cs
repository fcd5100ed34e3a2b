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
