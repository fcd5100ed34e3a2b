using Mandos.Core.Text;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Audit;

/// <summary>Log messages about the audit trail itself.</summary>
internal static partial class AuditLog
{
    [LoggerMessage(178, LogLevel.Error, "the audit trail in {Directory} cannot be written, trying again: {Reason}")]
    internal static partial void TrailNotWritten(this ILogger logger, string directory, string reason);

    [LoggerMessage(179, LogLevel.Warning, "the audit trail is written again")]
    internal static partial void TrailWrittenAgain(this ILogger logger);

    [LoggerMessage(180, LogLevel.Error, "the audit trail in {Directory} was changed: {Problem}; hint: mandos-ctl audit verify")]
    internal static partial void TrailDamaged(this ILogger logger, string directory, string problem);

    internal static void TrailIncomplete(this ILogger logger, long count) =>
        logger.TrailIncomplete(Quantity.Of(count, "record is missing", "records are missing"));

    [LoggerMessage(181, LogLevel.Error, "{Count} in the audit trail: the disk was too slow")]
    private static partial void TrailIncomplete(this ILogger logger, Quantity count);
}
