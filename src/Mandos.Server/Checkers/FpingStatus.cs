using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Checkers;

/// <summary>
/// The meaning of fping(8)'s exit status. The built-in checker runs it with <c>-q</c>, so that it prints nothing when it fails.
/// </summary>
internal static class FpingStatus
{
    /// <summary>Returns the meaning as the end of a sentence; empty if there is none, or if the status may not be that of fping.</summary>
    /// <param name="command">The command that the shell ran.</param>
    /// <param name="exit">How the command ended.</param>
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

    /// <summary>Whether the shell runs nothing else, whose status this could be. An <c>&amp;</c> may redirect output.</summary>
    private static bool IsAlone(string command) =>
        command.AsSpan().IndexOfAny("|;(\n") < 0
        && !command.Replace(">&", "", StringComparison.Ordinal).Contains('&', StringComparison.Ordinal);
}
