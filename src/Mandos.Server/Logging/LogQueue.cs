using System.Diagnostics.CodeAnalysis;

namespace Mandos.Server.Logging;

/// <summary>
/// A bounded queue of lines for one output, in order. When it is full, lines are dropped and counted until half of it is free again; then a
/// line with their number takes their place. Adding never blocks.
/// </summary>
/// <param name="capacity">The approximate capacity in bytes.</param>
/// <param name="gap">Creates the line that states how many are missing.</param>
internal sealed class LogQueue(int capacity, Func<long, LogLine> gap)
{
    private readonly object _gate = new();
    private readonly Queue<LogLine> _lines = [];
    private long _size;
    private long _dropped;
    private bool _closed;

    /// <summary>Adds a line, or drops it.</summary>
    internal LogQueueing Add(LogLine line)
    {
        lock (_gate)
        {
            if (_closed)
                return LogQueueing.Dropped;
            CloseGap();
            if (_dropped == 0 && _size + line.Size <= capacity)
            {
                Enqueue(line);
                return LogQueueing.Added;
            }

            return _dropped++ == 0 ? LogQueueing.FirstDropped : LogQueueing.Dropped;
        }
    }

    /// <summary>Takes the first line, and waits if there is none; false at the end, when none is left.</summary>
    internal bool Take([NotNullWhen(true)] out LogLine? line)
    {
        lock (_gate)
        {
            while (true)
            {
                CloseGap();
                if (_lines.TryDequeue(out line))
                {
                    _size -= line.Size;
                    return true;
                }

                if (_closed)
                    return false;
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Closes the queue for further lines; those in it can still be taken.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void CloseGap()
    {
        if (_dropped == 0 || _size > capacity / 2)
            return;
        var missing = _dropped;
        _dropped = 0;
        Enqueue(gap(missing));
    }

    private void Enqueue(LogLine line)
    {
        _lines.Enqueue(line);
        _size += line.Size;
        Monitor.Pulse(_gate);
    }
}

/// <summary>The outcome of adding a line.</summary>
internal enum LogQueueing
{
    Added,

    /// <summary>The line was dropped, as the first one since the queue became full.</summary>
    FirstDropped,

    Dropped,
}
