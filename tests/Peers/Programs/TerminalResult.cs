namespace Mandos.Peers.Programs;

/// <summary>What a program on a terminal did.</summary>
/// <param name="ExitCode">Null if a signal ended it, or if it had to be killed.</param>
/// <param name="Signal">The signal that ended it.</param>
/// <param name="Output">Standard output, in hexadecimal.</param>
/// <param name="Errors">Standard error.</param>
/// <param name="Shown">What the terminal showed.</param>
/// <param name="Silent">Whether the terminal did not show what was typed when the last prompt was there.</param>
/// <param name="Restored">Whether the terminal was at the end as at the start.</param>
/// <param name="Unread">How many bytes that were typed are left for the next program.</param>
public sealed record TerminalResult(
    int? ExitCode, int? Signal, string Output, string Errors, string Shown, bool? Silent, bool? Restored, int? Unread);
