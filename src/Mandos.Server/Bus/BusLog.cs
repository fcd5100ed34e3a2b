using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Bus;

/// <summary>Log messages about the D-Bus interface.</summary>
internal static partial class BusLog
{
    [LoggerMessage(160, LogLevel.Information, "on the system bus as {Names}")]
    internal static partial void OnBus(this ILogger logger, string names);

    /// <summary>Uses a logger that writes at every level, because the warning that this message revokes is always visible.</summary>
    [LoggerMessage(169, LogLevel.Information, "on the system bus now as {Names}")]
    internal static partial void BackOnBus(this ILogger logger, string names);

    [LoggerMessage(161, LogLevel.Warning, "not on the system bus, retrying: {Reason}")]
    internal static partial void NoBus(this ILogger logger, string reason);

    [LoggerMessage(162, LogLevel.Error, "no D-Bus interface until the next restart: {Reason}")]
    internal static partial void NeverOnBus(this ILogger logger, string reason);

    [LoggerMessage(163, LogLevel.Error, "no D-Bus interface, retrying: cannot acquire the name {Name}: {Reason}")]
    internal static partial void BusNameMissing(this ILogger logger, string name, string reason);

    internal static void SignalsLost(this ILogger logger, long count) =>
        logger.SignalsLost(Quantity.Of(count, "property change was coalesced", "property changes were coalesced"));

    [LoggerMessage(164, LogLevel.Warning, "the system bus is congested: {Count}")]
    private static partial void SignalsLost(this ILogger logger, Quantity count);

    [LoggerMessage(165, LogLevel.Information, "{Sender} on the bus: {Request}")]
    internal static partial void Asked(this ILogger logger, string sender, string request);

    [LoggerMessage(171, LogLevel.Information, "client [{Client}]: {Request} on the bus by uid {Uid} ({User}), process {Pid}")]
    internal static partial void ChangedByUser(this ILogger logger, string client, string request, string uid, string user, string pid);

    [LoggerMessage(
        172, LogLevel.Warning, "client [{Client}]: {Request} on the bus by uid {Uid} ({User}), process {Pid}: refused: {Reason}")]
    internal static partial void RefusedToUser(
        this ILogger logger, string client, string request, string uid, string user, string pid, string reason);

    [LoggerMessage(173, LogLevel.Information, "not on the system bus yet, retrying: cannot acquire the name {Name}: {Reason}")]
    internal static partial void BusNameLate(this ILogger logger, string name, string reason);

    [LoggerMessage(170, LogLevel.Warning, "{Sender} on the bus: {Request}: the secret {Fault}; the client may not be able to use it")]
    internal static partial void SecretFault(this ILogger logger, string sender, string request, string fault);

    [LoggerMessage(167, LogLevel.Error, "internal error: {Sender} on the bus gets no reply to {Request}")]
    internal static partial void InternalError(this ILogger logger, Exception exception, string sender, string request);

    [LoggerMessage(168, LogLevel.Error, "internal error: a change was not signalled on the bus")]
    internal static partial void BusInternalError(this ILogger logger, Exception exception);
}
