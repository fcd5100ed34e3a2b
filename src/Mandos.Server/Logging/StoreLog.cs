using Mandos.Server.Store;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Logging;

/// <summary>What was saved, and what became of it at a start or a reload.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(120, LogLevel.Warning, "client [{Client}] {Text}")]
    internal static partial void ClientWarning(this ILogger logger, string client, string text);

    [LoggerMessage(121, LogLevel.Information, "client [{Client}] {Text}")]
    internal static partial void ClientNotice(this ILogger logger, string client, string text);

    [LoggerMessage(122, LogLevel.Information, "{Text}")]
    internal static partial void TakenOver(this ILogger logger, string text);

    [LoggerMessage(123, LogLevel.Error, "{Reason}; hint: {Hint}")]
    internal static partial void StoreFailed(this ILogger logger, string reason, string hint);

    [LoggerMessage(124, LogLevel.Warning, "{Count} saved clients are in no file that could be read: they are not served, and kept as they are")]
    internal static partial void Kept(this ILogger logger, int count);

    /// <summary>All that a reconciliation has to tell.</summary>
    internal static void Tell(this ILogger logger, IEnumerable<ReconciliationNotice> notices)
    {
        foreach (var notice in notices)
        {
            if (notice.IsWarning)
                logger.ClientWarning(notice.Client, notice.Text);
            else
                logger.ClientNotice(notice.Client, notice.Text);
        }
    }
}
