using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Hosting;

/// <summary>Standard output, where a password goes: byte for byte, and whole or not at all.</summary>
internal static class PasswordOutput
{
    /// <summary>Standard output.</summary>
    internal const int Descriptor = 1;

    /// <summary>Prints the password; the result is the program's <see cref="ExitCode"/>.</summary>
    internal static int Print(SecretBuffer password, Messages messages) => Print(password, messages, Descriptor, CancellationToken.None);

    /// <summary>The same; waits for a reader that stopped reading, until it is cancelled.</summary>
    internal static int Print(SecretBuffer password, Messages messages, int descriptor, CancellationToken cancellationToken)
    {
        var error = DescriptorIo.WriteAll(descriptor, password.Span, -1, cancellationToken, out var written);
        if (error.Ok)
            return ExitCode.Success;
        messages.Error($"only {written} of {password.Length} bytes of the password could be written: {error}");
        return ExitCode.TemporaryFailure;
    }
}
