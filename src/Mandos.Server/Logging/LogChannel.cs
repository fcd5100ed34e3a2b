using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>
/// Where log lines go: to a log daemon, and to standard error where a person may be looking. Either may be absent, come,
/// go, or stand still: who logs never waits. Each has a queue with a bound and one writer; what does not fit is dropped,
/// and counted.
/// </summary>
internal sealed class LogChannel : IDisposable
{
    internal const string DefaultServiceName = "Mandos";

    /// <summary>Some thousand lines: more than a busy server logs while a log daemon is restarted.</summary>
    private const int DefaultCapacity = 2 << 20;

    private readonly LogDaemon _daemon;
    private readonly LogWriter _toDaemon;
    private readonly LogWriter _toError;
    private readonly TextWriter _error;
    private readonly bool _hasJournal;
    private readonly TimeSpan _farewell;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="systemLog">The socket of the system log.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="journal">The journal's socket, if standard error leads to the journal; else null.</param>
    /// <param name="capacity">How much may wait for each place, in bytes.</param>
    /// <param name="farewell">How long the end waits for each; 2 seconds if null.</param>
    internal LogChannel(string systemLog, TextWriter error, string? journal, int capacity = DefaultCapacity, TimeSpan? farewell = null)
    {
        _error = error;
        _hasJournal = journal is not null;
        _farewell = farewell ?? TimeSpan.FromSeconds(2);
        _daemon = new(systemLog, journal);
        _toError = new("standard error", WriteToError, capacity, _farewell);
        _toDaemon = new("the log daemon", WriteToDaemon, capacity, _farewell);
    }

    /// <summary>True while each line goes to stderr too; otherwise only what no log daemon takes.</summary>
    internal bool ToError { get; set; } = true;

    /// <summary>The name of the service as it is announced; part of each line.</summary>
    internal string ServiceName { get; set; } = DefaultServiceName;

    /// <summary>Has one line written; never waits.</summary>
    /// <param name="level">How serious it is.</param>
    /// <param name="message">For people.</param>
    /// <param name="name">What kind of message it is; for the journal.</param>
    /// <param name="values">What stands in it; for the journal.</param>
    internal void Write(LogLevel level, string message, string? name = null, IReadOnlyList<KeyValuePair<string, object?>>? values = null) =>
        Add(LogLine.Of(level, message, name, values) with
        {
            Service = Service,
            // Where stderr leads to the journal each line is to be there once.
            IsForError = ToError && !_hasJournal,
        });

    /// <summary>Waits until all lines so far are where they go, but not for long.</summary>
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
    /// Says why the program ends, which it says on standard error too: for those who were not there. True if standard error
    /// leads to the same log, so that it has been said. Waits, but not for long.
    /// </summary>
    internal bool WriteLastWords(string message)
    {
        var outcome = NewOutcome();
        _ = _toDaemon.Add(
            LogLine.Of(LogLevel.Critical, message, "Failed") with { Service = Service, IsLastWord = true, Outcome = outcome });
        return outcome.Task.Wait(_farewell) && outcome.Task.Result && _hasJournal;
    }

    /// <summary>Writes what waits, but not forever.</summary>
    public void Dispose()
    {
        if (_toDaemon.End())
        {
            _daemon.Dispose();
        }
        else
        {
            // Its thread still uses the sockets, which end with the process.
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
            // There is no reader any more; a log line is no reason to stop.
            return false;
        }
    }
}
