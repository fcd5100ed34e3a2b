using Mandos.Client.Hosting;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Plugins;

/// <summary>
/// The role <c>askpass-fifo</c>: prints what another program writes to the FIFO of cryptsetup's askpass. Signals terminate it immediately,
/// by their default action.
/// </summary>
internal static class AskpassFifoProgram
{
    internal const string Name = RoleNames.AskpassFifo;

    private const string Place = "/lib/cryptsetup/passfifo";

    /// <summary>Runs to the end.</summary>
    internal static Task<int> RunAsync(IReadOnlyList<string> arguments) => Task.FromResult(Run(arguments));

    private static int Run(IReadOnlyList<string> arguments)
    {
        var options = PluginCommandLine.OfAskpassFifo().Parse(arguments, out var exitCode);
        if (options is null)
            return exitCode;
        var messages = new Messages(Name, options.Debug);
        SignalDisposition.IgnoreBrokenPipes();
        using var password = Receive(messages, out exitCode);
        return password is null ? exitCode : PasswordOutput.Print(password, messages);
    }

    private static SecretBuffer? Receive(Messages messages, out int exitCode)
    {
        var error = Fifo.Make(Place);
        if (error.Code is not (0 or Errno.AlreadyExists))
        {
            messages.Error($"cannot create \"{Place}\": {error}");
            exitCode = error.Code switch
            {
                Errno.NoSuchFile => ExitCode.Unavailable,
                Errno.AccessDenied or Errno.NotADirectory or Errno.TooManyLinks => ExitCode.OsFile,
                _ => ExitCode.OsError,
            };
            return null;
        }

        messages.Debug?.Invoke($"waiting for a password in \"{Place}\"");
        exitCode = ExitCode.OsError;
        error = Descriptor.OpenForReading(Place, out var fifo);
        using (fifo)
        {
            // Root was needed only to open the FIFO.
            var change = Credentials.BecomeRealUser();
            if (!error.Ok || !change.Ok)
            {
                messages.Error(error.Ok ? $"cannot drop root privileges: {change}" : $"cannot open \"{Place}\": {error}");
                return null;
            }

            return Read(fifo, messages, out exitCode);
        }
    }

    private static SecretBuffer? Read(Descriptor fifo, Messages messages, out int exitCode)
    {
        exitCode = ExitCode.Unavailable;
        var password = SecretInput.ReadToEnd(fifo.Number, PasswordLimits.Largest, out var error);
        if (password is { Length: > 0 })
            return password;
        if (password is null)
        {
            messages.Error(
                error.Ok ? $"another program wrote to \"{Place}\" {PasswordLimits.Excess()}" : $"cannot read from \"{Place}\": {error}");
            return null;
        }

        // A writer opened and closed the FIFO without writing, which is not an empty password.
        password.Dispose();
        messages.Error($"nothing was written to \"{Place}\"");
        exitCode = ExitCode.TemporaryFailure;
        return null;
    }
}
