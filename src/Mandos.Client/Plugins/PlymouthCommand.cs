using Mandos.Client.Hosting;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Plugins;

/// <summary>Prompts through Plymouth's own client program, for a plymouthd that does not accept a direct connection.</summary>
internal static class PlymouthCommand
{
    private const string Program = "/bin/plymouth";
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs to the end; Plymouth's program writes the password itself.</summary>
    internal static async Task<int> RunAsync(string prompt, Messages messages, CancellationToken cancellationToken)
    {
        if (!FileKind.IsExecutableFile(Program))
        {
            messages.Debug?.Invoke($"program \"{Program}\" not found");
            return ExitCode.Unavailable;
        }

        if (await ExecuteAsync(cancellationToken, "--ping") is not { Success: true })
        {
            messages.Debug?.Invoke("Plymouth is not running");
            return ExitCode.Unavailable;
        }

        var daemon = PlymouthDaemon.Of(ProcessCommandLine.Find(PlymouthPresence.Daemon));
        try
        {
            return await ExecuteAsync(cancellationToken, "ask-for-password", $"--prompt={prompt}") is { Success: true }
                ? ExitCode.Success
                : ExitCode.Failure;
        }
        catch (OperationCanceledException)
        {
            await daemon.RestartAsync(messages, TimeProvider.System);
            throw;
        }
    }

    /// <summary>Runs the program; null if it cannot be started.</summary>
    private static async Task<ChildExit?> ExecuteAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var command =
            new ChildCommand { Path = Program, Arguments = [Program, .. arguments], Environment = ChildEnvironment.InheritedWith([]) };
        if (!ChildProcess.TryStart(command, out var child, out _))
            return null;
        using (child)
        {
            try
            {
                return await child.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                _ = await child.EndAsync(Grace, TimeProvider.System);
                throw;
            }
        }
    }
}
