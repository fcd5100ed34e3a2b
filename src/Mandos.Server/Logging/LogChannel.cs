using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>
/// The outputs for log lines: a log daemon, and standard error where a person may be looking. Either may be missing, restart, or hang:
/// logging never blocks. Each output has a bounded queue and one writer; lines that do not fit are dropped and counted.
/// </summary>
internal sealed class LogChannel : IDisposable
{
    internal const string DefaultServiceName = "Mandos";

    /// <summary>Some thousand lines: more than a busy server logs while a log daemon restarts.</summary>
    private const int DefaultCapacity = 2 << 20;

    private readonly LogDaemon _daemon;
    private readonly LogWriter _toDaemon;
    private readonly LogWriter _toError;
    private readonly TextWriter _error;
    private readonly bool _hasJournal;
    private readonly TimeSpan _farewell;

    /// <summary>Creates a channel without connecting.</summary>
    /// <param name="systemLog">The socket of the system log.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="journal">The journal's socket, if standard error is connected to the journal; otherwise null.</param>
    /// <param name="capacity">The capacity of each queue in bytes.</param>
    /// <param name="farewell">How long disposal waits for each output; 2 seconds if null.</param>
    internal LogChannel(string systemLog, TextWriter error, string? journal, int capacity = DefaultCapacity, TimeSpan? farewell = null)
    {
        _error = error;
        _hasJournal = journal is not null;
        _farewell = farewell ?? TimeSpan.FromSeconds(2);
        _daemon = new(systemLog, journal);
        _toError = new("standard error", WriteToError, capacity, _farewell);
        _toDaemon = new("the log daemon", WriteToDaemon, capacity, _farewell);
    }

    /// <summary>Whether each line is also written to stderr; otherwise only lines that no log daemon accepts.</summary>
    internal bool ToError { get; set; } = true;

    /// <summary>The announced name of the service, which is part of each line.</summary>
    internal string ServiceName { get; set; } = DefaultServiceName;

    /// <summary>Queues a line; never blocks.</summary>
    /// <param name="level">The severity.</param>
    /// <param name="message">The text, for people.</param>
    /// <param name="name">The name of the message, for the journal.</param>
    /// <param name="values">The values in the message, for the journal.</param>
    internal void Write(LogLevel level, string message, string? name = null, IReadOnlyList<KeyValuePair<string, object?>>? values = null) =>
        Add(LogLine.Of(level, message, name, values) with
        {
            Service = Service,
            // If stderr is connected to the journal, each line must appear there only once.
            IsForError = ToError && !_hasJournal,
        });

    /// <summary>Waits, within a time limit, until all lines so far are written.</summary>
    internal void Flush()
    {
        Pass(_toDaemon);
        Pass(_toError);

        void Pass(LogWriter writer)
        {
            var outcome = NewOutcome();
            _ = writer.Add(new LogLine { Level = LogLevel.None, Text = "", IsMark = true, Outcome = outcome });
            _ = outcome.Task.Wait(_farewell);
        }
    }

    /// <summary>
    /// Logs why the program exits, which it also prints on standard error. True if standard error leads to the same log, so that nothing
    /// more needs to be printed. Waits within a time limit.
    /// </summary>
    internal bool WriteLastWords(string message)
    {
        var outcome = NewOutcome();
        _ = _toDaemon.Add(
            LogLine.Of(LogLevel.Critical, message, "Failed") with { Service = Service, IsLastWord = true, Outcome = outcome });
        return outcome.Task.Wait(_farewell) && outcome.Task.Result && _hasJournal;
    }

    /// <summary>Writes the remaining lines, within a time limit.</summary>
    public void Dispose()
    {
        if (_toDaemon.End())
        {
            _daemon.Dispose();
        }
        else
        {
            // The writer's thread still uses the sockets, which are closed when the process exits.
            _daemon.GiveUp();
        }

        _ = _toError.End();
    }

    private static TaskCompletionSource<bool> NewOutcome() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Service => ServiceName == DefaultServiceName ? "" : PrintableText.Of(ServiceName);

    private void Add(LogLine line)
    {
        if (line.IsForError)
            _ = _toError.Add(line);
        if (_toDaemon.Add(line) == LogQueueing.FirstDropped && !line.IsForError)
            _ = _toError.Add(LogLine.Of(LogLevel.Warning, "the log daemon is not reading: dropping messages"));
    }

    private bool WriteToDaemon(LogLine line)
    {
        var isTaken = _daemon.Write(line);
        if (!isTaken && line is { IsForError: false, IsLastWord: false })
            _ = _toError.Add(line);
        return isTaken;
    }

    private bool WriteToError(LogLine line)
    {
        try
        {
            if (_hasJournal)
                _error.WriteLine($"<{LogLevelName.Severity(line.Level)}>{line.Text}");
            else
                _error.WriteLine($"mandos: {LogLevelName.Of(line.Level).ToLowerInvariant()}: {line.Text}");
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // There is no reader any more, which is no reason to stop.
            return false;
        }
    }
}
