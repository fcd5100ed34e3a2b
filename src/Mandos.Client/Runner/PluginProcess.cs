using Mandos.Client.Hosting;
using Mandos.Client.Launching;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Runner;

/// <summary>Runs plugins, each once at a time.</summary>
internal sealed class PluginProcess(RunnerSettings settings, Messages messages, TimeProvider time)
{
    private const int StandardOutput = 1, StandardError = 2;

    // More is no password; the original has no limit.
    private const int LargestOutput = 4 << 20;

    // For its last output; a process that it left running may hold the pipe open forever.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(200);

    // In another group it would be stopped when it reads the terminal.
    private readonly bool _hasTerminal = HasControllingTerminal();

    /// <summary>Runs it to its end, or ends it when cancelled.</summary>
    internal async Task<PluginEnd> RunAsync(Plugin plugin, CancellationToken cancellationToken)
    {
        if (!TryStart(plugin, out var child, out var output, out var relay, out var error))
            return PluginEnd.Without($"cannot be started: {error}");
        messages.Debug?.Invoke($"plugin \"{plugin.Name}\" started, process {child!.Id}");
        using (child)
        {
            PluginEnd end;
            try
            {
                var exit = await child!.WaitAsync(cancellationToken);
                messages.Debug?.Invoke($"plugin \"{plugin.Name}\" ended: {exit}");
                end = exit.Success ? Judge(plugin, await output!.Whole.WaitAsync(cancellationToken)) : Explain(exit, output!);
            }
            catch (OperationCanceledException)
            {
                var exit = await child!.EndAsync(plugin.Grace, time);
                messages.Debug?.Invoke($"plugin \"{plugin.Name}\" was ended: {exit}");
                output!.Forget();
                end = PluginEnd.Without("no longer needed");
            }

            await relay.WaitAsync(LastWords, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return end;
        }
    }

    private static PluginEnd Explain(ChildExit exit, ChildOutput output)
    {
        // However much there is of it: it is no password.
        output.Forget();
        return exit.ExitCode == ExitCode.TemporaryFailure ? PluginEnd.TryAgain($"{exit}, a temporary failure") : PluginEnd.Without(exit.ToString());
    }

    private static PluginEnd Judge(Plugin plugin, SecretBuffer? output)
    {
        if (output is null)
            return PluginEnd.Without($"its output could not be read, or is more than {LargestOutput} bytes");
        if (output.Length > 0 || plugin.IsTyped)
            return PluginEnd.With(output);
        output.Dispose();
        return PluginEnd.Without("it exited with status 0 and printed nothing");
    }

    private bool TryStart(Plugin plugin, out ChildProcess? child, out ChildOutput? output, out Task relay, out Errno error)
    {
        child = null;
        output = null;
        relay = Task.CompletedTask;
        error = Descriptor.Pipe(out var outputEnd, out var outputOfChild);
        using (outputOfChild)
        {
            Descriptor errorEnd = new(-1), errorOfChild = new(-1);
            if (error.Ok && !plugin.OwnsTerminal)
                error = Descriptor.Pipe(out errorEnd, out errorOfChild);
            using (errorOfChild)
            {
                if (!error.Ok || !TryExecute(plugin, outputOfChild, errorOfChild, out child, out error))
                {
                    outputEnd.Dispose();
                    errorEnd.Dispose();
                    return false;
                }
            }

            output = new ChildOutput(outputEnd, LargestOutput);
            if (!plugin.OwnsTerminal)
                relay = new LineRelay(plugin.Name, StandardError).RunAsync(errorEnd);
            return true;
        }
    }

    private bool TryExecute(Plugin plugin, Descriptor output, Descriptor errors, out ChildProcess? child, out Errno error)
    {
        var command = new ChildCommand
        {
            // As root, the very file that we are: the name could have been given to another one in the meantime.
            Path = plugin.NeedsRoot && Credentials.EffectiveUser == 0 ? OwnExecutable.Paths()[0] : plugin.Path,
            Arguments = settings.ArgumentsOf(plugin.Name),
            Environment = settings.EnvironmentOf(plugin.Name),
            Descriptors = plugin.OwnsTerminal ? [new(output.Number, StandardOutput)] : [new(output.Number, StandardOutput), new(errors.Number, StandardError)],
            // So that its children end with it. Where there is a terminal to read, only our own are sure to leave it alone.
            NewProcessGroup = plugin.IsOwn ? !plugin.OwnsTerminal : !_hasTerminal,
        };
        return Credentials.EffectiveUser == 0
            ? LaunchCommand.TryStart(command, settings.User, settings.Group, plugin.NeedsRoot ? LaunchMode.KeepRoot : LaunchMode.Drop, out child, out error)
            : ChildProcess.TryStart(command, out child, out error);
    }

    private static bool HasControllingTerminal()
    {
        var error = Descriptor.OpenForReading("/dev/tty", out var terminal);
        terminal.Dispose();
        return error.Ok;
    }
}
