using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>The names of log levels on the command line, in mandos.conf and on the bus.</summary>
internal static class LogLevelName
{
    /// <summary>Parses a name; case is ignored.</summary>
    internal static LogLevel? Parse(string text) => text.ToUpperInvariant() switch
    {
        "CRITICAL" or "FATAL" => LogLevel.Critical,
        "ERROR" => LogLevel.Error,
        "WARNING" or "WARN" => LogLevel.Warning,
        "INFO" => LogLevel.Information,
        "DEBUG" or "NOTSET" => LogLevel.Debug,
        _ => null,
    };

    /// <summary>Returns the name in upper case.</summary>
    internal static string Of(LogLevel level) => level switch
    {
        LogLevel.Critical or LogLevel.None => "CRITICAL",
        LogLevel.Error => "ERROR",
        LogLevel.Warning => "WARNING",
        LogLevel.Information => "INFO",
        _ => "DEBUG",
    };

    /// <summary>The severity as syslog(3) numbers it.</summary>
    internal static int Severity(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };
}
