using System.Text;
using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>
/// Where log lines go: as datagrams to the system log, in the form that watchers of the original's log know (to the journal
/// with more about each, <see cref="JournalEntry"/>), and to stderr where somebody may be looking. The logs may come and go.
/// </summary>
/// <remarks>
/// <code>
///   &lt;30&gt;Mandos [4711]: INFO: message NUL           facility daemon (3) * 8 + severity; no time, no tag
///   &lt;28&gt;Mandos (name) [4711]: WARNING: message NUL  with another name of the service than the default
/// </code>
/// </remarks>
internal sealed class LogChannel : IDisposable
{
    private const int DaemonFacility = 3;
    private const string DefaultServiceName = "Mandos";

    private readonly Lock _gate = new();
    private readonly LogSocket _systemLog;
    private readonly LogSocket? _journal;
    private readonly TextWriter _error;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="systemLog">The socket of the system log.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="journal">The journal's socket, if standard error leads to the journal; else null.</param>
    internal LogChannel(string systemLog, TextWriter error, string? journal)
    {
        _systemLog = new(systemLog);
        _error = error;
        _journal = journal is null ? null : new(journal);
    }

    /// <summary>True while each line goes to stderr too; otherwise only what the system log does not take.</summary>
    internal bool ToError { get; set; } = true;

    /// <summary>The name of the service as it is announced; part of each line.</summary>
    internal string ServiceName { get; set; } = DefaultServiceName;

    /// <summary>Writes one line.</summary>
    /// <param name="level">How grave it is.</param>
    /// <param name="message">For people.</param>
    /// <param name="name">What kind of message it is; for the journal.</param>
    /// <param name="values">What stands in it; for the journal.</param>
    internal void Write(LogLevel level, string message, string? name = null, IReadOnlyList<KeyValuePair<string, object?>>? values = null)
    {
        var line = PrintableText.Of(message);
        lock (_gate)
        {
            var sent = TrySend(level, line, name, values);
            // Where stderr leads to the journal each line is to be there once.
            if (!sent || (ToError && _journal is null))
                WriteToError(level, line);
        }
    }

    /// <summary>
    /// Says why the program ends, which it says on standard error too: for those who were not there. True if standard error
    /// leads to the same log, so that it has been said.
    /// </summary>
    internal bool WriteLastWords(string message)
    {
        lock (_gate)
            return TrySend(LogLevel.Critical, PrintableText.Of(message), "Failed", null) && _journal is not null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _systemLog.Dispose();
            _journal?.Dispose();
        }
    }

    private bool TrySend(LogLevel level, string line, string? name, IReadOnlyList<KeyValuePair<string, object?>>? values)
    {
        var tagged = Tag(level, line);
        return _journal?.TrySend(JournalEntry.Format(DaemonFacility, Severity(level), tagged, name, values)) == true
            || _systemLog.TrySend(Encoding.UTF8.GetBytes($"<{DaemonFacility * 8 + Severity(level)}>{tagged}\0"));
    }

    private string Tag(LogLevel level, string line)
    {
        var name = ServiceName == DefaultServiceName ? DefaultServiceName : $"{DefaultServiceName} ({PrintableText.Of(ServiceName)})";
        return $"{name} [{Environment.ProcessId}]: {Name(level)}: {line}";
    }

    private void WriteToError(LogLevel level, string line)
    {
        try
        {
            if (_journal is not null)
                _error.WriteLine($"<{Severity(level)}>{line}");
            else
                _error.WriteLine($"mandos: {Name(level).ToLowerInvariant()}: {line}");
        }
        catch (IOException)
        {
            // Nobody reads there any more; a log line is no reason to stop.
        }
    }

    /// <summary>syslog(3).</summary>
    private static int Severity(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Critical => "CRITICAL",
        LogLevel.Error => "ERROR",
        LogLevel.Warning => "WARNING",
        LogLevel.Information => "INFO",
        _ => "DEBUG",
    };
}
