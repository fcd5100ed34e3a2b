namespace Mandos.Server.Logging;

/// <summary>The subject of a log line.</summary>
internal static class LogCategory
{
    /// <summary>Start, stop, and missing prerequisites; always logged.</summary>
    internal const string Life = "Mandos.Life";

    /// <summary>Decisions about connections; always logged.</summary>
    internal const string Decisions = "Mandos.Decisions";

    /// <summary>Connections without a decision.</summary>
    internal const string Connections = "Mandos.Connections";

    /// <summary>Checks that cannot be started.</summary>
    internal const string Checks = "Mandos.Checks";

    /// <summary>The announcement of the service.</summary>
    internal const string Publishing = "Mandos.Publishing";

    /// <summary>The D-Bus interface.</summary>
    internal const string Bus = "Mandos.Bus";

    /// <summary>Checkers and their results.</summary>
    internal const string Checkers = "Mandos.Checkers";
}
