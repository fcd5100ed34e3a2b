using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Passwords;

/// <summary>Prompts for a password twice. Each line is an answer, without surrounding white space.</summary>
/// <param name="input">The input for answers; not buffered here, so that no secret is left behind.</param>
/// <param name="prompts">The output for prompts; null if there is no terminal.</param>
/// <param name="interactive">Whether to prompt again if the answers differ, instead of giving up.</param>
internal sealed class PasswordDialogue(Stream input, TextWriter? prompts, bool interactive)
{
    /// <summary>More than a line of a terminal can contain (4096), and than a person types.</summary>
    public const int MostBytes = 64 * 1024;

    /// <exception cref="KeygenException">There is no answer, or the two differ and cannot be repeated.</exception>
    public SecretBuffer Ask()
    {
        while (true)
        {
            var password = Question("Enter the password: ");
            using var repeated = Question("Repeat the password: ");
            if (password.Span.SequenceEqual(repeated.Span))
                return password;
            password.Dispose();
            if (!interactive)
                throw new KeygenException("the two passwords differ");
            prompts?.WriteLine("The two passwords differ; try again.");
        }
    }

    /// <summary>Prompts once, for a passphrase that is proved afterwards; white space is part of it.</summary>
    /// <exception cref="KeygenException">There is no answer.</exception>
    public SecretBuffer AskOnce(string prompt) => Question(prompt, isTrimmed: false);

    private SecretBuffer Question(string text, bool isTrimmed = true)
    {
        prompts?.Write(text);
        prompts?.Flush();
        try
        {
            return ReadLine(isTrimmed);
        }
        finally
        {
            prompts?.WriteLine();
        }
    }

    private SecretBuffer ReadLine(bool isTrimmed)
    {
        var line = new SecretBuffer(MostBytes);
        try
        {
            var ended = false;
            while (!ended)
            {
                if (line.Length == MostBytes)
                    throw new KeygenException($"the password is longer than {MostBytes} bytes", "give it in a file with --passfile");
                // Byte by byte: the data after the line belongs to the next question.
                var count = input.Read(line.Free[..1]);
                if (count == 0 && line.Length == 0)
                    throw new KeygenException("no password was given: end of input");
                ended = count == 0 || line.Free[0] == (byte)'\n';
                line.Advance(ended ? 0 : 1);
            }

            if (isTrimmed)
                Trim(line);
            return line;
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    private static void Trim(SecretBuffer line)
    {
        const string White = " \t";
        var start = 0;
        var end = line.Length;
        while (start < end && White.Contains((char)line.Span[start], StringComparison.Ordinal))
            start++;
        while (end > start && White.Contains((char)line.Span[end - 1], StringComparison.Ordinal))
            end--;
        line.Span[start..end].CopyTo(line.Span);
        line.SetLength(end - start);
    }
}
