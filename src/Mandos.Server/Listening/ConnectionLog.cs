using Mandos.Core.Keys;
using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>Log messages about connections, one for each connection.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(20, LogLevel.Information, "{Address}: client [{Client}], key_id {KeyId}: secret delivered")]
    internal static partial void Delivered(this ILogger logger, string address, string client, KeyId keyId);

    [LoggerMessage(177, LogLevel.Information, "{Address}: client [{Client}], key_id {KeyId}: secret delivered for a rehearsal")]
    internal static partial void Rehearsed(this ILogger logger, string address, string client, KeyId keyId);

    [LoggerMessage(21, LogLevel.Information, "{Address}: client [{Client}], key_id {KeyId}: secret sent, receipt not confirmed")]
    internal static partial void DeliveredUnconfirmed(this ILogger logger, string address, string client, KeyId keyId);

    [LoggerMessage(22, LogLevel.Warning, "{Address}: client [{Client}], key_id {KeyId}: connection lost before the secret was sent")]
    internal static partial void Interrupted(this ILogger logger, string address, string client, KeyId keyId);

    [LoggerMessage(23, LogLevel.Warning, "{Address}: client [{Client}], key_id {KeyId}: refused, {Reason}")]
    internal static partial void Refused(this ILogger logger, string address, string client, KeyId keyId, string reason);

    [LoggerMessage(24, LogLevel.Information, "{Address}: key_id {KeyId}: closed by the client before a decision was made")]
    internal static partial void LeftWhileWaiting(this ILogger logger, string address, KeyId keyId);

    [LoggerMessage(25, LogLevel.Warning, "{Address}: unknown key_id {KeyId}: refused")]
    internal static partial void RefusedUnknown(this ILogger logger, string address, KeyId keyId);

    internal static void MoreOfClient(this ILogger logger, KeyId keyId, long count) =>
        logger.MoreOfClient(keyId, Quantity.Of(count, "more request of this client was", "more requests of this client were"));

    [LoggerMessage(176, LogLevel.Warning, "key_id {KeyId}: {Count} refused or withdrawn")]
    private static partial void MoreOfClient(this ILogger logger, KeyId keyId, Quantity count);

    internal static void MoreUnknown(this ILogger logger, long count) =>
        logger.MoreUnknown(Quantity.Of(count, "more request with an unknown key was", "more requests with unknown keys were"));

    [LoggerMessage(36, LogLevel.Information, "{Count} refused")]
    private static partial void MoreUnknown(this ILogger logger, Quantity count);

    [LoggerMessage(26, LogLevel.Warning, "{Address}: {Detail}")]
    internal static partial void NoSession(this ILogger logger, string address, string detail);

    internal static void MoreWithoutSession(this ILogger logger, long count) =>
        logger.MoreWithoutSession(Quantity.Of(count, "more connection"));

    [LoggerMessage(34, LogLevel.Warning, "{Count} failed")]
    private static partial void MoreWithoutSession(this ILogger logger, Quantity count);

    internal static void GivenUp(this ILogger logger, long count) =>
        logger.GivenUp(Quantity.Of(count, "connection without a known key was", "connections without a known key were"));

    [LoggerMessage(27, LogLevel.Warning, "{Count} closed because a limit was reached")]
    private static partial void GivenUp(this ILogger logger, Quantity count);

    [LoggerMessage(28, LogLevel.Error, "cannot accept connections: {Reason}")]
    internal static partial void CannotAccept(this ILogger logger, string reason);

    [LoggerMessage(
        30, LogLevel.Warning, "{Address}: client [{Client}], key_id {KeyId}: the server was stopped while it was sending the secret")]
    internal static partial void StoppedMeanwhile(this ILogger logger, string address, string client, KeyId keyId);

    [LoggerMessage(
        31, LogLevel.Warning, "{Address}: key_id {KeyId}: refused, more than {Most} connections of this client are waiting for a decision")]
    internal static partial void CrowdedOut(this ILogger logger, string address, KeyId keyId, int most);

    [LoggerMessage(32, LogLevel.Information, "{Address}: key_id {KeyId}: closed by the server before a decision was made")]
    internal static partial void StoppedWhileWaiting(this ILogger logger, string address, KeyId keyId);

    [LoggerMessage(33, LogLevel.Debug, "{Address}: key_id {KeyId}: {Negotiated}")]
    internal static partial void ShookHands(this ILogger logger, string address, KeyId keyId, string negotiated);

    [LoggerMessage(29, LogLevel.Error, "{Address}: internal error, connection closed")]
    internal static partial void InternalError(this ILogger logger, Exception exception, string address);
}
