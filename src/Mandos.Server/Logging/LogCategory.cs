namespace Mandos.Server.Logging;

/// <summary>What a line of the log is about.</summary>
internal static class LogCategory
{
    /// <summary>Start, stop, and what is missing; always logged.</summary>
    internal const string Life = "Mandos.Life";

    /// <summary>What was decided about a connection; always logged.</summary>
    internal const string Decisions = "Mandos.Decisions";

    /// <summary>Connections that came to no decision.</summary>
    internal const string Connections = "Mandos.Connections";

    /// <summary>Checks that cannot be.</summary>
    internal const string Checks = "Mandos.Checks";

    /// <summary>The announcement of the service.</summary>
    internal const string Publishing = "Mandos.Publishing";

    /// <summary>The D-Bus interface.</summary>
    internal const string Bus = "Mandos.Bus";

    /// <summary>The commands that find out whether clients are alive.</summary>
    internal const string Checkers = "Mandos.Checkers";
}
