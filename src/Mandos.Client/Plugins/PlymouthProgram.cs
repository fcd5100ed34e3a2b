using Mandos.Client.Hosting;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Plugins;

/// <summary>
/// The role <c>plymouth</c>: prompts on the splash screen. plymouthd keeps the question of a program that has exited, in front of every
/// later one; so if a signal ends this program, it restarts the daemon with the same arguments.
/// </summary>
internal static class PlymouthProgram
{
    internal const string Name = RoleNames.Plymouth;

    /// <summary>Runs to the end.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var options = PluginCommandLine.OfPlymouth().Parse(arguments, out var exitCode);
        if (options is null)
            return exitCode;
        var messages = new Messages(Name, options.Debug);
        SignalDisposition.IgnoreBrokenPipes();
        using var signals = new TerminationSignals();
        var prompt = DiskPrompt.ForPlymouth(options, Environment.GetEnvironmentVariable);
        try
        {
            using var connection = await PlymouthConnection.TryOpenAsync(
                PlymouthConnection.Address, TimeProvider.System, signals.Requested);
            if (connection is not null)
                return await AskAsync(connection, prompt, messages, signals.Requested);
            messages.Debug?.Invoke("no plymouthd accepts connections");
            return await PlymouthCommand.RunAsync(prompt, messages, signals.Requested);
        }
        catch (OperationCanceledException) when (signals.First != 0)
        {
            return ExitCode.Failure;
        }
    }

    private static async Task<int> AskAsync(
        PlymouthConnection connection, string prompt, Messages messages, CancellationToken cancellationToken)
    {
        var daemon = PlymouthDaemon.Of(connection.DaemonProcess);
        // Root was needed to connect, and is needed again only to restart the daemon.
        if (Credentials.EffectiveUser == 0 && Credentials.RealUser != 0)
            _ = Credentials.ActAs(Credentials.RealUser);
        messages.Debug?.Invoke("asking on the splash screen");
        SecretBuffer? password;
        try
        {
            password = await connection.AskAsync(prompt, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            messages.Debug?.Invoke("restarting plymouthd to withdraw the question");
            await daemon.RestartAsync(messages, TimeProvider.System);
            throw;
        }

        using (password)
        {
            if (password is not null)
                return PasswordOutput.Print(password, messages);
            messages.Error("Plymouth gave no answer");
            return ExitCode.Failure;
        }
    }
}
