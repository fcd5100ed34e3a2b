using System.Text;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Keygen.Passwords;

/// <summary>
/// Prompts on the terminal without echo. If standard input is not a terminal, the answers are its first two lines, as from a script.
/// </summary>
internal static class PasswordTerminal
{
    private const int StandardInput = 0;

    public static SecretBuffer Ask() => With(static dialogue => dialogue.Ask());

    /// <summary>Prompts once.</summary>
    public static SecretBuffer AskOnce(string prompt) => With(dialogue => dialogue.AskOnce(prompt));

    /// <summary>Reads a line that is not a secret; not by System.Console, which changes the terminal's settings.</summary>
    public static string? ReadAnswer()
    {
        using var input = new StreamReader(new DescriptorStream(StandardInput));
        return input.ReadLine();
    }

    private static SecretBuffer With(Func<PasswordDialogue, SecretBuffer> ask)
    {
        using var echo = TerminalEcho.Stop(StandardInput);
        using var input = new DescriptorStream(StandardInput);
        using var prompts = OpenPrompts();
        return ask(new PasswordDialogue(input, prompts, interactive: echo is not null));
    }

    // Standard output is for the program's result, and may be a file.
    private static StreamWriter? OpenPrompts()
    {
        try
        {
            return new(
                new FileStream("/dev/tty", FileMode.Open, FileAccess.Write, FileShare.ReadWrite),
                new UTF8Encoding(false))
            { AutoFlush = true };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
