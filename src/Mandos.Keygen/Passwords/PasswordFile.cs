using Mandos.Core.Secrets;

namespace Mandos.Keygen.Passwords;

/// <summary>A password that is the whole content of a file, byte for byte, a last newline included.</summary>
internal static class PasswordFile
{
    /// <summary>More than any server and client hand over.</summary>
    public const int MostBytes = 1024 * 1024;

    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <exception cref="KeygenException">The file cannot be read, or is too large.</exception>
    public static SecretBuffer Read(string name, Func<Stream> standardInput)
    {
        try
        {
            // No buffer of the stream's own, which would be left behind with the password in it.
            using var stream = name == StandardInput
                ? standardInput()
                : new FileStream(name, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0 });
            return ReadAll(stream, name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new KeygenException($"cannot read the password file {name}: {error.Message.TrimEnd('.')}");
        }
    }

    private static SecretBuffer ReadAll(Stream stream, string name)
    {
        var buffer = new SecretBuffer(4096);
        try
        {
            for (int count; (count = stream.Read(buffer.Free)) > 0;)
            {
                buffer.Advance(count);
                if (buffer.Length > MostBytes)
                    throw new KeygenException($"the password file {name} has more than {MostBytes} bytes");
                if (buffer.Free.Length > 0)
                    continue;
                var larger = new SecretBuffer(buffer.Capacity * 2);
                larger.Append(buffer.Span);
                buffer.Dispose();
                buffer = larger;
            }

            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }
}
