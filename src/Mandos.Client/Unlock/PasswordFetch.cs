using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Client.Unlock;

/// <summary>One run of plugin-runner; the password comes over a pipe, straight into locked memory.</summary>
internal sealed class PasswordFetch(Messages messages, TimeProvider time)
{
    private const string Runner = "/lib/mandos/plugin-runner";
    private const int LongestPassword = 1 << 20;

    /// <summary>plugin-runner ends its plugins within this time, and they undo what they did to the network.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LastBytes = TimeSpan.FromSeconds(1);

    // The console belongs to cryptsetup's askpass.
    private static readonly string[] Arguments =
        ["plugin-runner", "--disable=askpass-fifo", "--disable=password-prompt", "--disable=plymouth"];

    /// <summary>Null if there is no password, after a message. The caller owns it.</summary>
    /// <exception cref="OperationCanceledException">Stopped, and plugin-runner ended.</exception>
    internal async Task<SecretBuffer?> RunAsync(CancellationToken stop)
    {
        var error = Descriptor.Pipe(out var output, out var runnerOutput);
        using (output)
        {
            ChildProcess? runner;
            using (runnerOutput)
            using (var input = EmptyInput.Open())
            {
                var started = ChildProcess.TryStart(
                    new ChildCommand
                    {
                        Path = Runner,
                        Arguments = Arguments,
                        Environment = ChildEnvironment.InheritedWith([]),
                        Descriptors = [new((int)input.DangerousGetHandle(), 0), new(runnerOutput.Number, 1)],
                        NewProcessGroup = true,
                    },
                    out runner,
                    out error);
                if (!started)
                {
                    messages.Error($"cannot run {Runner}: {error}");
                    return null;
                }
            }

            using (runner)
                return await ReceiveAsync(runner!, output, stop);
        }
    }

    private async Task<SecretBuffer?> ReceiveAsync(ChildProcess runner, Descriptor output, CancellationToken stop)
    {
        var reading = Task.Factory.StartNew(
            () => DescriptorIo.ReadToEnd(output.Number, LongestPassword, out _), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await reading.WaitAsync(stop);
            var exit = await runner.WaitAsync(stop);
            var password = await reading;
            if (exit.Success && password is { Length: > 0 })
                return password;
            password?.Dispose();
            messages.Warning($"plugin-runner ended without a password: {exit}");
            return null;
        }
        catch (OperationCanceledException)
        {
            await runner.EndAsync(Grace, time);
            // All writers are gone, unless one of them left plugin-runner's process group.
            if (await Task.WhenAny(reading, Task.Delay(LastBytes, time, CancellationToken.None)) == reading)
                (await reading)?.Dispose();
            throw;
        }
    }
}
