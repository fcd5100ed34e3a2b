namespace Mandos.Server.Exit;

/// <summary>The server cannot start; the message says why, the hint what can be done.</summary>
internal sealed class StartupException(string message, string? hint = null) : Exception(message)
{
    internal string? Hint { get; } = hint;
}
