using Mandos.Core.Keys;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>Log messages about connections, one for each connection.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(20, LogLevel.Information, "{Address}: client [{Client}], key_id {KeyId}: secret delivered")]
    internal static partial void Delivered(this ILogger logger, string address, string client, KeyId keyId);

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

    [LoggerMessage(36, LogLevel.Information, "{Count} more requests with unknown keys were refused")]
    internal static partial void MoreUnknown(this ILogger logger, long count);

    [LoggerMessage(26, LogLevel.Warning, "{Address}: {Detail}")]
    internal static partial void NoSession(this ILogger logger, string address, string detail);

    [LoggerMessage(34, LogLevel.Warning, "{Count} more connections failed")]
    internal static partial void MoreWithoutSession(this ILogger logger, long count);

    [LoggerMessage(27, LogLevel.Warning, "{Count} connections without a known key were closed because a limit was reached")]
    internal static partial void GivenUp(this ILogger logger, long count);

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
