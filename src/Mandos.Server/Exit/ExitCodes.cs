namespace Mandos.Server.Exit;

/// <summary>The exit codes of <c>mandos</c> (mandos(8)).</summary>
internal static class ExitCodes
{
    /// <summary>Stopped on request; no problem with the configuration.</summary>
    internal const int Success = 0;

    /// <summary>Could not start or continue; or the configuration has a problem.</summary>
    internal const int Failure = 1;
}

/// <summary>The server cannot start; the message says why, and the hint what can be done.</summary>
internal sealed class StartupException(string message, string? hint = null) : Exception(message)
{
    internal string? Hint { get; } = hint;
}
