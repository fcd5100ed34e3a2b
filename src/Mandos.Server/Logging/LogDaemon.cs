using System.Text;
namespace Mandos.Server.Logging;

/// <summary>
/// The log daemon: lines are sent as datagrams to the journal with searchable fields (<see cref="JournalEntry"/>), or otherwise to the
/// system log, in a form that programs which watch upstream's log understand. If the daemon does not read, this class waits.
/// </summary>
/// <remarks>
/// <code>
///   &lt;30&gt;Mandos [4711]: INFO: message NUL           facility daemon (3) * 8 + severity; no time, no tag
///   &lt;28&gt;Mandos (name) [4711]: WARNING: message NUL  with another name of the service than the default
/// </code>
/// </remarks>
/// <param name="systemLog">The socket of the system log.</param>
/// <param name="journal">The journal's socket; null if the journal is not used.</param>
internal sealed class LogDaemon(string systemLog, string? journal) : IDisposable
{
    private const int DaemonFacility = 3;

    private readonly LogSocket _systemLog = new(systemLog);
    private readonly LogSocket? _journal = journal is null ? null : new(journal);
    private volatile bool _isGivenUp;

    /// <summary>Writes a line as soon as the daemon accepts it; false if there is no daemon.</summary>
    internal bool Write(LogLine line) =>
        (_journal is not null && Send(_journal, JournalEntry.Format(DaemonFacility, line)))
        || Send(_systemLog, Encoding.UTF8.GetBytes($"<{DaemonFacility * 8 + LogLevelName.Severity(line.Level)}>{Tag(line)}\0"));

    /// <summary>Stops waiting for a daemon that does not read.</summary>
    internal void GiveUp() => _isGivenUp = true;

    /// <inheritdoc />
    public void Dispose()
    {
        _systemLog.Dispose();
        _journal?.Dispose();
    }

    private bool Send(LogSocket socket, byte[] datagram)
    {
        while (!_isGivenUp)
        {
            var delivery = socket.Send(datagram);
            if (delivery != LogDelivery.NotYet)
                return delivery == LogDelivery.Taken;
        }

        return false;
    }

    private static string Tag(LogLine line)
    {
        var name = line.Service.Length == 0 ? LogChannel.DefaultServiceName : $"{LogChannel.DefaultServiceName} ({line.Service})";
        return $"{name} [{Environment.ProcessId}]: {LogLevelName.Of(line.Level)}: {line.Text}";
    }
}
