using Mandos.Core.Text;
using Mandos.Server.ClientFiles;
using Mandos.Server.Restoration;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>Log messages about the saved state and its use at a start or a reload.</summary>
internal static partial class StoreLog
{
    /// <summary>The maximum number of clients that are listed by name.</summary>
    private const int MostNamed = 20;

    [LoggerMessage(120, LogLevel.Warning, "client [{Client}] {Text}")]
    internal static partial void ClientWarning(this ILogger logger, string client, string text);

    [LoggerMessage(121, LogLevel.Information, "client [{Client}] {Text}")]
    internal static partial void ClientNotice(this ILogger logger, string client, string text);

    [LoggerMessage(122, LogLevel.Information, "{Text}")]
    internal static partial void TakenOver(this ILogger logger, string text);

    [LoggerMessage(123, LogLevel.Error, "{Reason}; hint: {Hint}")]
    internal static partial void StoreFailed(this ILogger logger, string reason, string hint);

    internal static void ServesSaved(this ILogger logger, int count) =>
        logger.ServesSaved(
            Quantity.Of(
                count, "client that is not in the others is served as it was saved",
                "clients that are not in the others are served as they were saved"));

    [LoggerMessage(
        124, LogLevel.Error,
        "not all client files can be used: {Count}; hint: fix the file (mandos --check-config), then reload")]
    private static partial void ServesSaved(this ILogger logger, Quantity count);

    [LoggerMessage(
        131, LogLevel.Error,
        "{File} is missing or empty: {Count}; hint: restore it, or {Remedy} to remove its clients, then reload")]
    private static partial void ServesWithoutFile(this ILogger logger, string file, Quantity count, string remedy);

    [LoggerMessage(
        125, LogLevel.Error,
        "still serving clients as they were saved, because not all client files can be used; hint: fix the file (mandos "
            + "--check-config), then reload")]
    internal static partial void StillServesSaved(this ILogger logger);

    [LoggerMessage(
        126, LogLevel.Error,
        "nothing can be saved: {Reason}; serving the saved state and the configuration: restrictions take effect at once, grants "
            + "are refused; hint: {Hint}")]
    internal static partial void StartsUnsaved(this ILogger logger, string reason, string hint);

    [LoggerMessage(127, LogLevel.Warning, "{Text}")]
    internal static partial void StateWarning(this ILogger logger, string text);

    [LoggerMessage(
        128, LogLevel.Warning,
        "client [{Client}] stays disabled, although its section says enabled = True; hint: 'mandos-ctl enable {Client}' enables it")]
    internal static partial void StaysDisabled(this ILogger logger, string client);

    internal static void MoreStayDisabled(this ILogger logger, int count) =>
        logger.MoreStayDisabled(
            Quantity.Of(
                count, "more client stays disabled, although its section says",
                "more clients stay disabled, although their sections say"));

    [LoggerMessage(129, LogLevel.Warning, "{Count} enabled = True")]
    private static partial void MoreStayDisabled(this ILogger logger, Quantity count);

    /// <summary>Logs the names of clients that were disabled at run time and stay disabled; not all of them if there are many.</summary>
    internal static void TellDisabled(this ILogger logger, IReadOnlyList<string> clients)
    {
        foreach (var client in clients.Take(MostNamed))
            logger.StaysDisabled(client);
        if (clients.Count > MostNamed)
            logger.MoreStayDisabled(clients.Count - MostNamed);
    }

    /// <summary>Logs which files are missing, how many clients are kept because of that, and how to restore them.</summary>
    internal static void Report(this ILogger life, AwaitedClients awaited, string clientsFile)
    {
        if (awaited.IsEmpty)
            return;
        if (awaited.InMain)
            life.ServesWithoutFile(clientsFile, AwaitedClients.Kept(awaited.Names.Count), "put a comment into it");
        if (awaited.InFolder)
            life.ServesWithoutFile(ClientsFile.FolderOf(clientsFile), AwaitedClients.Kept(awaited.Names.Count), "create an empty one");
    }

    /// <summary>Logs everything that a reconciliation reports.</summary>
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
