using System.Globalization;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Network;

/// <summary>
/// Runs the administrator's network hooks: every executable regular file of a directory (links followed) whose name is made of
/// <c>[A-Za-z0-9_.-]</c>, one after the other, by name; argument 0 is the file's name, there are no others, standard input is empty and
/// standard output goes to standard error. The exit status of a hook causes at most a warning.
/// </summary>
/// <param name="options">Directory, time limit and the hooks' environment.</param>
/// <param name="deviceVariable">The value of DEVICE.</param>
internal sealed class NetworkHooks(NetworkOptions options, string deviceVariable)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Runs the hooks with MODE=start, before any interface is touched. Cancellation stops the running hook.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => RunAllAsync("start", cancellationToken);

    /// <summary>Runs the hooks with MODE=stop, at the end.</summary>
    public Task StopAsync() => RunAllAsync("stop", CancellationToken.None);

    /// <summary>Returns the hooks of the directory in the order in which they run.</summary>
    internal IReadOnlyList<string> List()
    {
        if (options.HookDirectory is not { } directory)
            return [];
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory)
                .Select(path => Path.GetFileName(path)!)
                .Where(IsHookName)
                .Where(name => FileKind.IsExecutableFile(Path.Combine(directory, name)))
                .Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            options.Debug?.Invoke($"there is no network hook directory \"{directory}\"");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            options.Warn($"cannot read the network hook directory \"{directory}\"");
        }
        return [];
    }

    internal static bool IsHookName(string name) =>
        name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-');

    /// <summary>Returns the variables that a hook gets in addition to those of this process.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Variables(string mode)
    {
        List<KeyValuePair<string, string>> variables =
        [
            new("MANDOSNETHOOKDIR", options.HookDirectory!),
            new("DEVICE", deviceVariable),
            new("MODE", mode),
            new("VERBOSITY", options.Debug is null ? "0" : "1"),
            new("DELAY", options.Delay.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture)),
        ];
        if (options.Connect is not null)
            variables.Add(new("CONNECT", options.Connect));
        return variables;
    }

    private async Task RunAllAsync(string mode, CancellationToken cancellationToken)
    {
        var hooks = List();
        if (hooks.Count == 0)
            return;
        using var input = EmptyInput.Open();
        var environment = ChildEnvironment.InheritedWith(Variables(mode));
        foreach (var name in hooks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            options.Debug?.Invoke($"running network hook \"{name}\" ({mode})");
            await RunAsync(new ChildCommand
            {
                Path = Path.Combine(options.HookDirectory!, name),
                Arguments = [name],
                Environment = environment,
                Descriptors = [new((int)input.DangerousGetHandle(), 0), new(2, 1)],
                NewProcessGroup = true,
            }, name, cancellationToken);
        }
    }

    private async Task RunAsync(ChildCommand command, string name, CancellationToken cancellationToken)
    {
        if (!ChildProcess.TryStart(command, out var hook, out var error))
        {
            options.Warn($"cannot run network hook \"{name}\": {error}");
            return;
        }
        using (hook)
        using (var limit = new CancellationTokenSource(options.HookTimeLimit, options.Time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken))
        {
            try
            {
                var exit = await hook.WaitAsync(either.Token);
                if (!exit.Success)
                    options.Warn($"network hook \"{name}\": {exit}");
            }
            catch (OperationCanceledException)
            {
                if (limit.IsCancellationRequested)
                    options.Warn(
                        $"network hook \"{name}\" is still running after {options.HookTimeLimit.TotalSeconds:0.###} s: killing it");
                await hook.EndAsync(Grace, options.Time);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
