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

    public static SecretBuffer Ask()
    {
        using var echo = TerminalEcho.Stop(StandardInput);
        using var input = new DescriptorStream(StandardInput);
        using var prompts = OpenPrompts();
        return new PasswordDialogue(input, prompts, interactive: echo is not null).Ask();
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
