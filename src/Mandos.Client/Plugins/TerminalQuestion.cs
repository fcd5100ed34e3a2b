using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Plugins;

/// <summary>A question on a terminal whose answer is not shown.</summary>
/// <param name="terminal">The descriptor to read from.</param>
/// <param name="screen">The descriptor to show the prompt on.</param>
internal sealed class TerminalQuestion(int terminal, int screen)
{
    // A terminal hands over 4095 bytes at a time.
    private const int LongestLine = 8192;

    // A terminal that is at its end again and again, without a person at its keys, is not asked in a busy loop.
    private const int PromptsAtOnce = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Why <see cref="Ask"/> had no answer.</summary>
    internal TerminalFailure Failure { get; private set; }

    /// <summary>
    /// Asks until there is a line, if need be again and again (an end of file alone is no answer). The answer is without
    /// the end of its line, and may be empty; the receiver owns it. Null if it cannot be asked.
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
            _ = DescriptorIo.WriteAll(screen, text, out _);
            var line = ReadLine(out error);
            EndLine();
            if (line is not null)
                return line;
            // A line that was hung up is at its end forever, and no terminal any more.
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

    // The end of the line that was typed was not shown, either.
    private void EndLine() => _ = DescriptorIo.WriteAll(screen, "\n"u8, out _);

    /// <summary>Null at the end of the file, or after an error.</summary>
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

            // An end of file behind some text: that is the line.
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

/// <summary>Why nothing could be asked on a terminal.</summary>
internal enum TerminalFailure
{
    /// <summary>It could be asked.</summary>
    None,

    /// <summary>There is no terminal.</summary>
    NoTerminal,

    /// <summary>What is typed would be seen.</summary>
    NoSilence,

    /// <summary>Nothing can be read.</summary>
    NoInput,
}
