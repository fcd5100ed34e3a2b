using Microsoft.Extensions.Logging;

namespace Mandos.Server.Publishing.Responder;

/// <summary>Log messages about the announcement of the service.</summary>
internal static partial class PublishingLog
{
    [LoggerMessage(
        40, LogLevel.Warning,
        "the name of the service is taken, which is harmless (servicename sets another); it is now announced as '{Name}'")]
    internal static partial void Renamed(this ILogger logger, string name);

    [LoggerMessage(41, LogLevel.Error, "the service is not announced, retrying: {Reason}")]
    internal static partial void NotAnnounced(this ILogger logger, string reason);

    [LoggerMessage(48, LogLevel.Warning, "the service is announced again")]
    internal static partial void AnnouncedAgain(this ILogger logger);

    [LoggerMessage(42, LogLevel.Debug, "multicast DNS: {Line}")]
    internal static partial void Detail(this ILogger logger, string line);

    [LoggerMessage(43, LogLevel.Debug, "announced on {Interface} over {Family}")]
    internal static partial void Announced(this ILogger logger, string @interface, string family);

    [LoggerMessage(44, LogLevel.Information, "announced by avahi-daemon as '{Name}'")]
    internal static partial void AnnouncedByAvahi(this ILogger logger, string name);

    [LoggerMessage(45, LogLevel.Information, "avahi-daemon is not running; the service is announced without it")]
    internal static partial void AvahiAbsent(this ILogger logger);

    [LoggerMessage(46, LogLevel.Warning, "avahi-daemon does not announce the service, which is announced without it: {Reason}")]
    internal static partial void NotThroughAvahi(this ILogger logger, string reason);

    [LoggerMessage(47, LogLevel.Information, "avahi-daemon cannot be reached; the service is announced without it: {Reason}")]
    internal static partial void NoBusToAvahi(this ILogger logger, string reason);
}
