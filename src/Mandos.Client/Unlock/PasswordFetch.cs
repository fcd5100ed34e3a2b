using System.Diagnostics.CodeAnalysis;
using Mandos.Client.Hosting;
using Mandos.Client.Launching;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Unlock;

/// <summary>One run of plugin-runner; the password comes over a pipe, straight into locked memory.</summary>
internal sealed class PasswordFetch(Messages messages, TimeProvider time)
{
    private const string Program = "/lib/mandos/plugin-runner";
    private const int LongestPassword = 1 << 20;

    /// <summary>plugin-runner ends its plugins within this time, and they undo what they did to the network.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <summary>Null if there is no password, after a message, or when it was stopped; plugin-runner has ended by then. The caller owns it.</summary>
    internal Task<SecretBuffer?> RunAsync(CancellationToken cancellationToken)
    {
        var error = Descriptor.Pipe(out var output, out var runnerOutput);
        using (runnerOutput)
        {
            if (TryStart(runnerOutput, ref error, out var runner))
                return ReceiveAsync(runner, output, cancellationToken);
        }

        output.Dispose();
        messages.Error($"cannot run {Program}: {error}");
        return Task.FromResult<SecretBuffer?>(null);
    }

    private static bool TryStart(Descriptor output, ref Errno error, [NotNullWhen(true)] out ChildProcess? runner)
    {
        runner = null;
        if (!error.Ok)
            return false;
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

    private async Task<SecretBuffer?> ReceiveAsync(ChildProcess runner, Descriptor output, CancellationToken cancellationToken)
    {
        using (runner)
        {
            var reading = new ChildOutput(output, LongestPassword);
            ChildExit exit;
            try
            {
                exit = await runner.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                exit = await runner.EndAsync(Grace, time);
            }

            var password = await reading.TakeAsync(time);
            if (exit.Success && password is { Length: > 0 } && !cancellationToken.IsCancellationRequested)
                return password;
            password?.Dispose();
            if (!cancellationToken.IsCancellationRequested)
                messages.Warning($"plugin-runner exited without a password: {exit}");
            return null;
        }
    }
}
