using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients;

/// <summary>Log messages about the lives of clients.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(80, LogLevel.Warning, "client [{Client}]: disabled, no check succeeded in time")]
    internal static partial void Expired(this ILogger logger, string client);

    [LoggerMessage(
        97, LogLevel.Warning,
        "client [{Client}]: no check succeeded in time, but {Failing} of {Checked} clients fail, so that this server's own network may be "
            + "the cause; stays enabled until {End} (mass_failure)")]
    internal static partial void ExpiryHeld(this ILogger logger, string client, int failing, int @checked, string end);

    [LoggerMessage(93, LogLevel.Warning, "client [{Client}]: will be disabled at {End} unless a check succeeds; last check: {Failure}")]
    internal static partial void ExpiresSoon(this ILogger logger, string client, string end, string failure);

    [LoggerMessage(95, LogLevel.Information, "client [{Client}]: in maintenance, is not disabled until {End}")]
    internal static partial void Maintained(this ILogger logger, string client, string end);

    [LoggerMessage(
        96, LogLevel.Information, "client [{Client}]: maintenance is over; will be disabled at {End} unless a check succeeds")]
    internal static partial void MaintenanceOver(this ILogger logger, string client, string end);

    [LoggerMessage(81, LogLevel.Information, "client [{Client}]: enabled")]
    internal static partial void Enabled(this ILogger logger, string client);

    [LoggerMessage(82, LogLevel.Information, "client [{Client}]: disabled")]
    internal static partial void Disabled(this ILogger logger, string client);

    [LoggerMessage(83, LogLevel.Information, "client [{Client}]: added")]
    internal static partial void Added(this ILogger logger, string client);

    [LoggerMessage(84, LogLevel.Information, "client [{Client}]: removed")]
    internal static partial void Removed(this ILogger logger, string client);

    [LoggerMessage(85, LogLevel.Information, "client [{Client}]: approved by an operator, for {Duration}")]
    internal static partial void Approved(this ILogger logger, string client, TimeSpan duration);

    [LoggerMessage(86, LogLevel.Warning, "client [{Client}]: denied by an operator, for {Duration}")]
    internal static partial void Denied(this ILogger logger, string client, TimeSpan duration);

    [LoggerMessage(87, LogLevel.Information, "client [{Client}]: asks for its secret; {Decision} in {Delay} unless an operator decides")]
    internal static partial void ApprovalNeeded(this ILogger logger, string client, string decision, TimeSpan delay);

    [LoggerMessage(88, LogLevel.Information, "client [{Client}]: changed: {Properties}")]
    internal static partial void Changed(this ILogger logger, string client, string properties);

    [LoggerMessage(EventId = 89, Message = "client [{Client}]: cannot be checked: {Reason}")]
    internal static partial void NotChecked(this ILogger logger, LogLevel level, string client, string reason);

    [LoggerMessage(90, LogLevel.Error, "cannot save the state of clients: {Reason}; restrictions take effect at once, grants are refused")]
    internal static partial void NotSaved(this ILogger logger, string reason);

    [LoggerMessage(91, LogLevel.Information, "the state of clients is saved again")]
    internal static partial void SavedAgain(this ILogger logger);

    [LoggerMessage(94, LogLevel.Error, "stopping without saving the last changes: the disk does not respond")]
    internal static partial void StopsUnsaved(this ILogger logger);

    [LoggerMessage(
        92, LogLevel.Debug, "client [{Client}]: may have its secret: enabled until {Expires}, last checked {LastChecked}; {Reason}")]
    internal static partial void Released(this ILogger logger, string client, string expires, string lastChecked, string reason);
}
