using Mandos.Core.Linux.Files;
using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Passwords;

/// <summary>A password that is the whole content of a file, byte for byte, including a final newline.</summary>
internal static class PasswordFile
{
    // The program behind <(command) may prompt a person first.
    private static readonly TimeSpan FifoPatience = TimeSpan.FromMinutes(1);

    /// <summary>The name for standard input.</summary>
    public const string StandardInput = "-";

    /// <param name="name">The file.</param>
    /// <param name="standardInput">The descriptor of standard input.</param>
    /// <exception cref="KeygenException">The file cannot be read, or is too large.</exception>
    public static SecretBuffer Read(string name, int standardInput)
    {
        if (name == StandardInput)
            return ReadAll(name, standardInput);
        var problem = InputFile.Open(name, FifoPatience, out var file, out _);
        using (file)
            return problem is null ? ReadAll(name, file.Number) : throw Unreadable(name, problem);
    }

    private static SecretBuffer ReadAll(string name, int descriptor)
    {
        if (SecretInput.ReadToEnd(descriptor, PasswordLimits.Largest, out var error) is { } content)
            return content;
        throw error.Ok
            ? new KeygenException($"the password file {name} has {PasswordLimits.Excess()}")
            : Unreadable(name, error.ToString());
    }

    private static KeygenException Unreadable(string name, string problem) => new($"cannot read the password file {name}: {problem}");
}
