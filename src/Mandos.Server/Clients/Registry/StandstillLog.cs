using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>The process itself did not run.</summary>
internal static partial class StandstillLog
{
    [LoggerMessage(130, LogLevel.Warning, "the server was not running for {Seconds:F0} s (stopped, frozen or starved): each client whose last check succeeded gets one more check")]
    internal static partial void StoodStill(this ILogger logger, double seconds);
}
