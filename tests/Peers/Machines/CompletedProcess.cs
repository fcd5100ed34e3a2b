using System.Text;

namespace Mandos.Peers.Machines;

/// <summary>What a program left behind.</summary>
/// <param name="ExitCode">Its exit code, or 128 + the number of the signal that ended it.</param>
/// <param name="Output">Its standard output, byte for byte.</param>
/// <param name="Errors">Its standard error.</param>
/// <param name="Elapsed">From start to end.</param>
public sealed record CompletedProcess(int ExitCode, byte[] Output, string Errors, TimeSpan Elapsed)
{
    /// <summary>Standard output as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);

    /// <summary>This, if the program succeeded; else an error that shows what it said.</summary>
    public CompletedProcess OrThrow() => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"exit code {ExitCode}\n{Errors}\n{Text[..Math.Min(Text.Length, 2000)]}");
}
