namespace Mandos.Server.Listening;

/// <summary>
/// For lines of the log that strangers cause: some are written one by one, the rest of a flood as a number.
/// </summary>
/// <param name="logRest">Writes how many lines were left out.</param>
internal sealed class LineLimit(Action<long> logRest)
{
    /// <summary>Between two reports.</summary>
    internal const int Most = 20;

    private int _written;
    private long _leftOut;

    /// <summary>Whether one more is to be written; if not, it is counted.</summary>
    internal bool Allows()
    {
        if (Interlocked.Increment(ref _written) <= Most)
            return true;
        Interlocked.Increment(ref _leftOut);
        return false;
    }

    /// <summary>Called from time to time: writes how many there were besides.</summary>
    internal void Report()
    {
        Volatile.Write(ref _written, 0);
        if (Interlocked.Exchange(ref _leftOut, 0) is > 0 and var count)
            logRest(count);
    }
}
