using System.Diagnostics.CodeAnalysis;
using Mandos.Client.Hosting;
using Mandos.Client.Launching;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Runner;

/// <summary>Runs plugins, each in one instance at a time.</summary>
internal sealed class PluginProcess(RunnerSettings settings, Messages messages, TimeProvider time)
{
    private const int StandardOutput = 1, StandardError = 2;

    // The time for the last output; a process that the plugin left running may keep the pipe open forever.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(200);

    // In another process group it would be stopped when it reads the terminal.
    private readonly bool _hasTerminal = HasControllingTerminal();

    /// <summary>Runs a plugin to its end, or stops it when cancelled.</summary>
    internal async Task<PluginEnd> RunAsync(Plugin plugin, CancellationToken cancellationToken)
    {
        if (!TryStart(plugin, out var child, out var relay, out var error))
            return PluginEnd.Without($"cannot be started: {error}");
        messages.Debug?.Invoke($"plugin \"{plugin.Name}\" started, process {child.Id}");
        using (child)
        {
            var result = await child.ReceiveAsync(untilClosed: true, plugin.Grace, time, cancellationToken);
            PluginEnd end;
            if (cancellationToken.IsCancellationRequested)
            {
                result.Password?.Dispose();
                messages.Debug?.Invoke($"plugin \"{plugin.Name}\" was stopped: {result.Exit}");
                end = PluginEnd.Without("no longer needed");
            }
            else
            {
                messages.Debug?.Invoke($"plugin \"{plugin.Name}\" ended: {result.Exit}");
                end = Judge(plugin, result);
            }

            await relay.WaitAsync(LastWords, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return end;
        }
    }

    private static PluginEnd Judge(Plugin plugin, ChildPasswordResult result)
    {
        if (result.Password is { } password)
        {
            if (password.Length > 0 || plugin.IsTyped)
                return PluginEnd.With(password);
            password.Dispose();
            return PluginEnd.Without("it exited with status 0 and printed nothing");
        }

        return result.Exit.ExitCode == ExitCode.TemporaryFailure
            ? PluginEnd.TryAgain($"{result}, a temporary failure")
            : PluginEnd.Without(result.ToString());
    }

    private bool TryStart(Plugin plugin, [NotNullWhen(true)] out ChildPassword? child, out Task relay, out Errno error)
    {
        relay = Task.CompletedTask;
        if (plugin.OwnsTerminal)
            return ChildPassword.TryStart(
                (Descriptor output, [NotNullWhen(true)] out ChildProcess? process, out Errno refused) =>
                    TryExecute(plugin, output, null, out process, out refused),
                out child, out error);
        child = null;
        error = Descriptor.Pipe(out var errors, out var errorsOfChild);
        if (!error.Ok)
            return false;
        using (errorsOfChild)
        {
            if (ChildPassword.TryStart(
                (Descriptor output, [NotNullWhen(true)] out ChildProcess? process, out Errno refused) =>
                    TryExecute(plugin, output, errorsOfChild, out process, out refused), out child, out error))
            {
                relay = new LineRelay(plugin.Name, StandardError).RunAsync(errors);
                return true;
            }
        }

        errors.Dispose();
        return false;
    }

    private bool TryExecute(
        Plugin plugin, Descriptor output, Descriptor? errors, [NotNullWhen(true)] out ChildProcess? child, out Errno error)
    {
        var command = new ChildCommand
        {
            // As root, our own executable itself, because the name may refer to another file by now.
            Path = plugin.NeedsRoot && Credentials.EffectiveUser == 0 ? OwnExecutable.Paths()[0] : plugin.Path,
            Arguments = settings.ArgumentsOf(plugin.Name),
            Environment = settings.EnvironmentOf(plugin.Name),
            Descriptors = errors is null
                ? [new(output.Number, StandardOutput)]
                : [new(output.Number, StandardOutput), new(errors.Number, StandardError)],
            // A process group, so that its children end with it. If there is a terminal, only our own programs are known not to read it.
            NewProcessGroup = plugin.IsOwn ? !plugin.OwnsTerminal : !_hasTerminal,
        };
        return Credentials.EffectiveUser == 0
            ? LaunchCommand.TryStart(
                command, settings.User, settings.Group, plugin.NeedsRoot ? LaunchMode.KeepRoot : LaunchMode.Drop, out child, out error)
            : ChildProcess.TryStart(command, out child, out error);
    }

    private static bool HasControllingTerminal()
    {
        var error = Descriptor.OpenForReading("/dev/tty", out var terminal);
        terminal.Dispose();
        return error.Ok;
    }
}
