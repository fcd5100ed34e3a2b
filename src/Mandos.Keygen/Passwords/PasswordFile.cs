using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Keygen.Passwords;

/// <summary>A password that is the whole content of a file, byte for byte, a last newline included.</summary>
internal static class PasswordFile
{
    /// <summary>More than any server and client hand over.</summary>
    public const int MostBytes = 1024 * 1024;

    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <param name="name">The file.</param>
    /// <param name="standardInput">The descriptor of standard input.</param>
    /// <exception cref="KeygenException">The file cannot be read, or is too large.</exception>
    public static SecretBuffer Read(string name, int standardInput)
    {
        if (name == StandardInput)
            return ReadAll(name, standardInput);
        var error = Descriptor.OpenForReading(name, out var file);
        using (file)
            return error.Ok ? ReadAll(name, file.Number) : throw Unreadable(name, error);
    }

    private static SecretBuffer ReadAll(string name, int descriptor)
    {
        if (DescriptorIo.ReadToEnd(descriptor, MostBytes, out var error) is { } content)
            return content;
        throw error.Ok ? new KeygenException($"the password file {name} has more than {MostBytes} bytes") : Unreadable(name, error);
    }

    private static KeygenException Unreadable(string name, Errno error) => new($"cannot read the password file {name}: {error}");
}
