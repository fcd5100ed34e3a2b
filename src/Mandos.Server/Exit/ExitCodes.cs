namespace Mandos.Server.Exit;

/// <summary>How <c>mandos</c> ends (mandos(8)).</summary>
internal static class ExitCodes
{
    /// <summary>Stopped on request; nothing wrong with the configuration.</summary>
    internal const int Success = 0;

    /// <summary>Could not start or go on; something is wrong with the configuration.</summary>
    internal const int Failure = 1;
}

/// <summary>The server cannot start; the message says why, the hint what can be done.</summary>
internal sealed class StartupException(string message, string? hint = null) : Exception(message)
{
    internal string? Hint { get; } = hint;
}
