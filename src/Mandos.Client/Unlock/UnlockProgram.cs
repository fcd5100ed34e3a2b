using Mandos.Client.Hosting;
using Mandos.CommandLine;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Unlock;

/// <summary>
/// The role <c>mandos-to-cryptroot-unlock</c>: runs in an initramfs of initramfs-tools alongside the prompt on the console, and answers it
/// with the password from plugin-runner.
/// </summary>
internal static class UnlockProgram
{
    /// <summary>The name of the role.</summary>
    internal const string Role = RoleNames.Unlock;

    /// <summary>Runs until SIGTERM or the end of the initramfs.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var messages = new Messages(Role, debug: false);
        var program = new GnuProgram(
            Role, "Answers cryptsetup's prompts in the initramfs with the password from plugin-runner.", ExitCode.Usage);
        if (
            RoleHost.Parse(
                Role, (output, error, out exitCode) => program.Parse(arguments, output, error, out exitCode), out var exitCode) is null)
            return exitCode;

        // The console and the signals of its keys belong to askpass.
        _ = Session.Start();
        SignalDisposition.IgnoreBrokenPipes();
        using var signals = new TerminationSignals();
        var fetch = new PasswordFetch(messages, TimeProvider.System);
        await new UnlockSession(fetch.RunAsync, new Askpass(), messages, TimeProvider.System).RunAsync(signals.Requested);
        return ExitCode.Success;
    }
}
