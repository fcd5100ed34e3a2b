using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Plugins;

/// <summary>A password prompt on a terminal, without echo.</summary>
/// <param name="terminal">The descriptor to read from.</param>
/// <param name="screen">The descriptor to show the prompt on.</param>
internal sealed class TerminalQuestion(int terminal, int screen)
{
    // A terminal returns at most 4095 bytes per read.
    private const int LongestLine = 8192;

    private const int PatienceMilliseconds = 1000;

    // A terminal that repeatedly reports end of file, without a user, is not polled in a busy loop.
    private const int PromptsAtOnce = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Why <see cref="Ask"/> returned null.</summary>
    internal TerminalFailure Failure { get; private set; }

    /// <summary>
    /// Prompts until a line is entered; an end of file alone does not count. The answer has no line end and may be empty; the receiver owns
    /// it. Null if prompting is not possible.
    /// </summary>
    internal SecretBuffer? Ask(string prompt, out Errno error)
    {
        using var echo = TerminalEcho.Stop(terminal, discardInput: true, EndLine, out error);
        if (echo is null)
        {
            Failure = error.Code is Errno.BadDescriptor or Errno.NotATerminal ? TerminalFailure.NoTerminal : TerminalFailure.NoSilence;
            return null;
        }

        var text = Encoding.UTF8.GetBytes(prompt);
        for (var prompts = 1; ; prompts++)
        {
            Show(text);
            var line = ReadLine(out error);
            EndLine();
            if (line is not null)
                return line;
            // A terminal that was hung up reports end of file forever, and is no longer a terminal.
            if (error.Ok && !TerminalEcho.IsTerminal(terminal))
                error = new Errno(Errno.InputOutput);
            if (!error.Ok)
            {
                Failure = TerminalFailure.NoInput;
                return null;
            }

            if (prompts >= PromptsAtOnce)
                Thread.Sleep(Pause);
        }
    }

    // Ends the line on the screen, because the line end that the user typed was not shown.
    private void EndLine() => Show("\n"u8);

    // A screen that is not read delays neither the answer nor a signal.
    private void Show(ReadOnlySpan<byte> text) =>
        _ = DescriptorIo.WriteAll(screen, text, PatienceMilliseconds, CancellationToken.None, out _);

    /// <summary>Reads a line; null at the end of the file, or after an error.</summary>
    private SecretBuffer? ReadLine(out Errno error)
    {
        var line = new SecretBuffer(LongestLine);
        while (true)
        {
            var count = 0;
            error = line.Free.IsEmpty ? new Errno(Errno.TooLong) : DescriptorIo.Read(terminal, line.Free, out count);
            if (!error.Ok || (count == 0 && line.Length == 0))
            {
                line.Dispose();
                return null;
            }

            // An end of file after some text ends the line.
            if (count == 0)
                return line;
            var before = line.Length;
            line.Advance(count);
            var end = line.Span[before..].IndexOf((byte)'\n');
            if (end < 0)
                continue;
            line.SetLength(before + end);
            return line;
        }
    }
}

/// <summary>Why a terminal prompt was not possible.</summary>
internal enum TerminalFailure
{
    /// <summary>Prompting was possible.</summary>
    None,

    /// <summary>There is no terminal.</summary>
    NoTerminal,

    /// <summary>The terminal's echo cannot be turned off.</summary>
    NoSilence,

    /// <summary>The terminal cannot be read.</summary>
    NoInput,
}
