using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>Writes lines to one output on a thread of its own: only that thread blocks if the output does.</summary>
internal sealed class LogWriter
{
    private readonly LogQueue _queue;
    private readonly Func<LogLine, bool> _write;
    private readonly TimeSpan _farewell;
    private readonly Thread _thread;

    /// <param name="place">The name of the output in a message.</param>
    /// <param name="write">Writes a line and returns whether it was accepted; may block.</param>
    /// <param name="capacity">The capacity of the queue in bytes.</param>
    /// <param name="farewell">How long the end waits for remaining lines.</param>
    internal LogWriter(string place, Func<LogLine, bool> write, int capacity, TimeSpan farewell)
    {
        _write = write;
        _farewell = farewell;
        _queue = new(capacity, missing => Missing(place, missing));
        _thread = new Thread(Run) { IsBackground = true, Name = $"log: {place}" };
        _thread.Start();
    }

    /// <summary>Queues a line, or drops it if too many wait; never blocks.</summary>
    internal LogQueueing Add(LogLine line)
    {
        var queueing = _queue.Add(line);
        if (queueing != LogQueueing.Added)
            line.Outcome?.TrySetResult(false);
        return queueing;
    }

    /// <summary>Accepts no more lines, and waits until the last one is written; false if that takes too long.</summary>
    internal bool End()
    {
        _queue.Close();
        return _thread.Join(_farewell);
    }

    private static LogLine Missing(string place, long missing) => LogLine.Of(
        LogLevel.Warning, $"{Quantity.Of(missing, "message was", "messages were")} dropped here: {place} did not read fast enough",
        "LinesDropped",
        [KeyValuePair.Create<string, object?>("Count", missing)]);

    private void Run()
    {
        while (_queue.Take(out var line))
        {
            var isTaken = Write(line);
            line.Outcome?.TrySetResult(isTaken);
        }
    }

    private bool Write(LogLine line)
    {
        try
        {
            return line.IsMark || _write(line);
        }
        catch (Exception)
        {
            // An exception on this thread would end the server, and there is no other output to report it.
            return false;
        }
    }
}
