using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Hosting;

/// <summary>Standard output, to which the password is written unchanged, and completely or not at all.</summary>
internal static class PasswordOutput
{
    /// <summary>Standard output.</summary>
    internal const int Descriptor = 1;

    /// <summary>Prints the password; returns the program's <see cref="ExitCode"/>.</summary>
    internal static int Print(SecretBuffer password, Messages messages) => Print(password, messages, Descriptor, CancellationToken.None);

    /// <summary>Prints the password; waits for a reader that has stopped reading, until cancelled.</summary>
    internal static int Print(SecretBuffer password, Messages messages, int descriptor, CancellationToken cancellationToken)
    {
        var error = DescriptorIo.WriteAll(descriptor, password.Span, -1, cancellationToken, out var written);
        if (error.Ok)
            return ExitCode.Success;
        messages.Error($"only {written} of {password.Length} bytes of the password could be written: {error}");
        return ExitCode.TemporaryFailure;
    }
}
