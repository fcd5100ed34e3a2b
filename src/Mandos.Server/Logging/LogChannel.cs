using System.Net.Sockets;
using System.Text;
using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>
/// Where log lines go: as datagrams to the system log, in the form that watchers of the original's log know, and to stderr
/// where somebody may be looking. The system log may come and go.
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
    private readonly string _systemLog;
    private readonly TextWriter _error;
    private readonly bool _isJournal;
    private Socket? _socket;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="systemLog">The socket of the system log.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="isJournal">True if standard error leads to the journal, which knows severities by a prefix.</param>
    internal LogChannel(string systemLog, TextWriter error, bool isJournal)
    {
        _systemLog = systemLog;
        _error = error;
        _isJournal = isJournal;
    }

    /// <summary>True while each line goes to stderr too; otherwise only what the system log does not take.</summary>
    internal bool ToError { get; set; } = true;

    /// <summary>The name of the service as it is announced; part of each line.</summary>
    internal string ServiceName { get; set; } = DefaultServiceName;

    /// <summary>Writes one line.</summary>
    internal void Write(LogLevel level, string message)
    {
        var line = PrintableText.Of(message);
        lock (_gate)
        {
            var sent = TrySend(level, line);
            // The journal takes both; each line is to be there once.
            if (!sent || (ToError && !_isJournal))
                WriteToError(level, line);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
            _socket?.Dispose();
    }

    private bool TrySend(LogLevel level, string line)
    {
        var name = ServiceName == DefaultServiceName ? DefaultServiceName : $"{DefaultServiceName} ({PrintableText.Of(ServiceName)})";
        var datagram = Encoding.UTF8.GetBytes($"<{DaemonFacility * 8 + Severity(level)}>{name} [{Environment.ProcessId}]: {Name(level)}: {line}\0");
        // The second attempt is for a log that was started anew behind the same name.
        return TrySendOnce(datagram) || TrySendOnce(datagram);
    }

    private bool TrySendOnce(byte[] datagram)
    {
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 1000 };
                _socket.Connect(new UnixDomainSocketEndPoint(_systemLog));
            }

            _socket.Send(datagram);
            return true;
        }
        catch (SocketException)
        {
            _socket?.Dispose();
            _socket = null;
            return false;
        }
    }

    private void WriteToError(LogLevel level, string line)
    {
        try
        {
            if (_isJournal)
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
