using System.Diagnostics.CodeAnalysis;
using Mandos.Client.Hosting;
using Mandos.Client.Launching;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Unlock;

/// <summary>One run of plugin-runner; its password is read from a pipe directly into locked memory.</summary>
internal sealed class PasswordFetch(Messages messages, TimeProvider time)
{
    private const string Program = "/lib/mandos/plugin-runner";

    /// <summary>Within this time plugin-runner stops its plugins, which undo their changes to the network.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Runs plugin-runner. Null, after a message, if there is no password or it was stopped; plugin-runner has ended by then. The caller
    /// owns the password.
    /// </summary>
    internal async Task<SecretBuffer?> RunAsync(CancellationToken cancellationToken)
    {
        if (!ChildPassword.TryStart(TryStart, out var runner, out var error))
        {
            messages.Error($"cannot run {Program}: {error}");
            return null;
        }

        using (runner)
        {
            var result = await runner.ReceiveAsync(untilClosed: false, Grace, time, cancellationToken);
            if (result.Password is { Length: > 0 } password && !cancellationToken.IsCancellationRequested)
                return password;
            result.Password?.Dispose();
            if (!cancellationToken.IsCancellationRequested)
                messages.Warning($"plugin-runner exited without a password: {result}");
            return null;
        }
    }

    private static bool TryStart(Descriptor output, [NotNullWhen(true)] out ChildProcess? runner, out Errno error)
    {
        using var input = EmptyInput.Open();
        var command = new ChildCommand
        {
            Path = Program,
            // The console belongs to cryptsetup's askpass.
            Arguments = ["plugin-runner", "--disable=askpass-fifo", "--disable=password-prompt", "--disable=plymouth"],
            Environment = ChildEnvironment.InheritedWith([]),
            Descriptors = [new((int)input.DangerousGetHandle(), 0), new(output.Number, 1)],
            NewProcessGroup = true,
        };
        return ChildProcess.TryStart(command, out runner, out error);
    }
}
