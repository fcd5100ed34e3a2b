using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>
/// The last resort: prompts on the console, as getpass(3) does: on the controlling terminal without echo or, if there is none, as in most
/// initramfs images, on standard input. If that is not a terminal either, it reads a line without a prompt.
/// </summary>
internal sealed class ConsolePassword : IDisposable
{
    private const int StandardInput = 0, StandardError = 2;
    private const int LongestLine = 64 * 1024;
    private const int PatienceMilliseconds = 1000;

    private readonly Descriptor _terminal;
    private readonly TerminalEcho? _echo;
    private readonly int _to;

    /// <summary>Prompts; disposal restores the terminal.</summary>
    /// <param name="aboutToAsk">Called before the prompt, with whether there is a terminal.</param>
    internal ConsolePassword(Action<bool> aboutToAsk)
    {
        var opened = Descriptor.OpenForBoth("/dev/tty", out _terminal);
        var from = opened.Ok ? _terminal.Number : StandardInput;
        _to = opened.Ok ? _terminal.Number : StandardError;
        HasTerminal = TerminalEcho.IsTerminal(from);
        aboutToAsk(HasTerminal);
        _echo = TerminalEcho.Stop(from);
        if (HasTerminal)
            Show("Password: "u8);
        Line = BlockingTask.Run(() => ReadLine(from));
    }

    /// <summary>False if there was no prompt.</summary>
    internal bool HasTerminal { get; }

    /// <summary>The line without its end; null if there was none (end of file, no terminal). The receiver owns it.</summary>
    internal Task<SecretBuffer?> Line { get; }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_echo is not null)
        {
            _echo.Dispose();
            // The line end that the user typed was not shown.
            Show("\n"u8);
        }

        _terminal.Dispose();
    }

    // A terminal whose output is stopped must not delay the exit.
    private void Show(ReadOnlySpan<byte> text) => _ = DescriptorIo.WriteAll(_to, text, PatienceMilliseconds, CancellationToken.None, out _);

    private static SecretBuffer? ReadLine(int descriptor)
    {
        var line = new SecretBuffer(LongestLine);
        var any = false;
        // Byte by byte: the data after the line belongs to another reader.
        while (!line.Free.IsEmpty && DescriptorIo.Read(descriptor, line.Free[..1], out var count).Ok)
        {
            if (count == 1 && line.Free[0] != (byte)'\n')
            {
                any = true;
                line.Advance(1);
                continue;
            }

            if (count == 1 || any)
                return line;
            break;
        }

        line.Dispose();
        return null;
    }
}
