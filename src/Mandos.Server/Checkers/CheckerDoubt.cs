namespace Mandos.Server.Checkers;

/// <summary>Detects valid checker commands that are probably a mistake.</summary>
internal static class CheckerDoubt
{
    /// <summary>Commands that always succeed.</summary>
    private static readonly string[] Harmless = ["", ":", "true", "/bin/true", "/usr/bin/true", "exit", "exit 0"];

    /// <summary>Whether a checker always succeeds, so that its client is never disabled.</summary>
    internal static bool CannotFail(string checker)
    {
        var command = checker.Trim();
        // A comment does nothing either.
        return Harmless.Contains(command.StartsWith('#') ? "" : command, StringComparer.Ordinal);
    }
}
