using Mandos.Core.Linux.Processes;
using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>Log messages about checkers.</summary>
internal static partial class CheckerLog
{
    [LoggerMessage(60, LogLevel.Debug, "client [{Client}]: checker started: {Command}")]
    internal static partial void CheckerStarted(this ILogger logger, string client, string command);

    [LoggerMessage(61, LogLevel.Debug, "client [{Client}]: check succeeded{Output}")]
    internal static partial void CheckSucceeded(this ILogger logger, string client, CheckerOutput output);

    [LoggerMessage(EventId = 62, Message = "client [{Client}]: check failed, {Failure}")]
    internal static partial void CheckFailed(this ILogger logger, LogLevel level, string client, FailedCheck failure);

    [LoggerMessage(70, LogLevel.Debug, "client [{Client}]: the checker printed{Output}")]
    internal static partial void CheckPrinted(this ILogger logger, string client, CheckerOutput output);

    [LoggerMessage(69, LogLevel.Warning, "checkers are not denied access to the server's files: {Reason}")]
    internal static partial void CheckersNotConfined(this ILogger logger, string reason);

    [LoggerMessage(174, LogLevel.Warning, "checkers are not denied changes to the server's resource limits and priority: {Reason}")]
    internal static partial void CheckersNotFiltered(this ILogger logger, string reason);

    [LoggerMessage(
        71, LogLevel.Warning,
        "program '{Program}' not found: the checks of {Clients} will fail, the first is [{First}]")]
    internal static partial void CheckerProgramMissing(this ILogger logger, string program, Quantity clients, string first);

    [LoggerMessage(
        72, LogLevel.Warning,
        "fping cannot send pings here: the checks of {Clients} will fail; hint: CAP_NET_RAW for the server, or the "
            + "sysctl net.ipv4.ping_group_range")]
    internal static partial void CannotPing(this ILogger logger, Quantity clients);

    [LoggerMessage(63, LogLevel.Information, "client [{Client}]: check succeeded again{Output}")]
    internal static partial void CheckSucceededAgain(this ILogger logger, string client, CheckerOutput output);

    [LoggerMessage(64, LogLevel.Error, "client [{Client}]: the checker cannot be started: {Reason}")]
    internal static partial void CheckerNotStarted(this ILogger logger, string client, string reason);

    [LoggerMessage(65, LogLevel.Debug, "client [{Client}]: checker stopped, {Exit}{Output}")]
    internal static partial void CheckerStopped(this ILogger logger, string client, ChildExit exit, CheckerOutput output);

    [LoggerMessage(66, LogLevel.Warning, "client [{Client}]: processes that the checker left running cannot be killed")]
    internal static partial void CheckerLeftProcesses(this ILogger logger, string client);

    [LoggerMessage(67, LogLevel.Error, "client [{Client}]: internal error during the check")]
    internal static partial void CheckInternalError(this ILogger logger, Exception exception, string client);

    [LoggerMessage(68, LogLevel.Warning, "{Count} cannot be killed")]
    internal static partial void CheckersNotEnded(this ILogger logger, Quantity count);
}
