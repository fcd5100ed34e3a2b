namespace Mandos.Server.Checkers;

/// <summary>Checkers that are commands, but hardly what was meant.</summary>
internal static class CheckerDoubt
{
    /// <summary>What each of these does is to succeed.</summary>
    private static readonly string[] Harmless = ["", ":", "true", "/bin/true", "/usr/bin/true", "exit", "exit 0"];

    /// <summary>Whether it always succeeds, so that its client is never disabled.</summary>
    internal static bool CannotFail(string checker)
    {
        var command = checker.Trim();
        // A comment for the shell is nothing, too.
        return Harmless.Contains(command.StartsWith('#') ? "" : command, StringComparer.Ordinal);
    }
}
