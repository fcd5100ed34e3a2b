using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Checkers;

/// <summary>
/// What the exit status of fping(8) means. The built-in checker runs it with <c>-q</c>, so that it prints nothing when it
/// fails.
/// </summary>
internal static class FpingStatus
{
    /// <summary>As the end of a sentence; empty if it means nothing, or if it need not be that of fping.</summary>
    /// <param name="command">What the shell ran.</param>
    /// <param name="exit">How it ended.</param>
    internal static string Meaning(string command, ChildExit exit) =>
        IsAlone(command) && CheckerPrograms.FirstWord(command) is { } program && Path.GetFileName(program) == "fping"
            ? exit.ExitCode switch
            {
                1 => "no response",
                2 => "the name was not found",
                3 => "invalid command line arguments",
                4 => "a system call failed",
                _ => "",
            }
            : "";

    /// <summary>False if the shell may run something else as well, whose status it would be. A <c>&amp;</c> may redirect output.</summary>
    private static bool IsAlone(string command) =>
        command.AsSpan().IndexOfAny("|;(\n") < 0
        && !command.Replace(">&", "", StringComparison.Ordinal).Contains('&', StringComparison.Ordinal);
}
