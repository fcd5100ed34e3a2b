using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>Log messages about start and stop.</summary>
internal static partial class LifeLog
{
    [LoggerMessage(1, LogLevel.Information, "version {Version} listens on {EndPoint} for {Clients}, {Enabled} enabled")]
    internal static partial void Started(this ILogger logger, string version, string endPoint, Quantity clients, int enabled);

    [LoggerMessage(3, LogLevel.Information, "stopped")]
    internal static partial void Stopped(this ILogger logger);

    [LoggerMessage(17, LogLevel.Warning, "still stopping: waiting for {What}")]
    internal static partial void StillStopping(this ILogger logger, string what);

    [LoggerMessage(4, LogLevel.Warning, "no clients")]
    internal static partial void NoClients(this ILogger logger);

    [LoggerMessage(5, LogLevel.Warning, "{Problem}")]
    internal static partial void ConfigurationWarning(this ILogger logger, string problem);

    [LoggerMessage(6, LogLevel.Error, "{Problem}")]
    internal static partial void ConfigurationError(this ILogger logger, string problem);

    internal static void MoreProblems(this ILogger logger, int count) =>
        logger.MoreProblems(
            Quantity.Of(count, "more problem in the configuration is not logged", "more problems in the configuration are not logged"));

    [LoggerMessage(16, LogLevel.Warning, "{Count}; hint: 'mandos --check-config' prints all of them")]
    private static partial void MoreProblems(this ILogger logger, Quantity count);

    [LoggerMessage(7, LogLevel.Error, "cannot bind to interface {Interface}: {Reason}; listening on all")]
    internal static partial void NotBoundToInterface(this ILogger logger, string @interface, string reason);

    [LoggerMessage(8, LogLevel.Critical, "{Failure}")]
    internal static partial void Failed(this ILogger logger, string failure);

    [LoggerMessage(9, LogLevel.Warning, "still running as root: none of the users {Users} exists")]
    internal static partial void KeepsRoot(this ILogger logger, string users);

    [LoggerMessage(
        2, LogLevel.Information,
        "reloaded clients (mandos.conf is not reloaded): {Clients}, {Changes} changed, added or removed")]
    internal static partial void Reloaded(this ILogger logger, Quantity clients, int changes);

    [LoggerMessage(10, LogLevel.Error, "reload failed, nothing changed: it cannot be saved: {Reason}")]
    internal static partial void ReloadNotSaved(this ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Warning, "cannot write {File}: {Reason}")]
    internal static partial void NoProcessFile(this ILogger logger, string file, string reason);

    [LoggerMessage(12, LogLevel.Error, "reload failed, nothing changed: {File}: {Reason}")]
    internal static partial void NotReloaded(this ILogger logger, string file, string reason);

    [LoggerMessage(13, LogLevel.Warning, "the state is saved, but cannot be exported for upstream Mandos: {Reason}")]
    internal static partial void NotLeftForOriginal(this ILogger logger, string reason);

    [LoggerMessage(
        15, LogLevel.Warning,
        "secrets may be swapped out: only {Limit} KiB of memory can be locked; hint: a larger LimitMEMLOCK= in the unit "
            + "(systemctl edit mandos), or 'ulimit -l' before the start")]
    internal static partial void SecretsNotLocked(this ILogger logger, ulong limit);

    [LoggerMessage(14, LogLevel.Error, "reload failed, nothing changed: {Reason}")]
    internal static partial void ReloadFailed(this ILogger logger, string reason);
}
