using Mandos.Client.Hosting;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Agent;

/// <summary>The role <c>password-agent</c>: the password agent of systemd for machines that have a Mandos server.</summary>
internal static class AgentProgram
{
    private const int StandardOutput = 1;
    private const int ENOENT = 2, EACCES = 13, ENOTDIR = 20, ENAMETOOLONG = 36;

    /// <summary>Runs to the end; dies by the signal that asked for the end, when the client has ended.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var options = new AgentCommandLine().Parse(arguments, output, error, out var exitCode);
        var standardOutput = new Messages(AgentCommandLine.Name, debug: false, StandardOutput);
        if (options is null)
        {
            standardOutput.Write(output.ToString());
            new Messages(AgentCommandLine.Name, debug: false).Write(error.ToString());
            return exitCode;
        }

        if (options.Test)
            return new SelfTest(standardOutput).Run();
        options.AsUser = Credentials.RealUser == 0;
        SignalDisposition.IgnoreBrokenPipes();
        using var signals = new TerminationSignals();
        try
        {
            exitCode = await RunAsync(options, new Messages(AgentCommandLine.Name, options.Debug), TimeProvider.System, signals.Requested);
        }
        catch (OperationCanceledException) when (signals.First != 0)
        {
            // Undone; the signal is dealt with below.
        }

        if (signals.First != 0)
            SignalDisposition.DieOf(signals.First);
        return exitCode;
    }

    /// <summary>Runs to the end; the result is an <see cref="ExitCode"/>.</summary>
    internal static async Task<int> RunAsync(AgentOptions options, Messages messages, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Inotify.TryWatch(options.AgentDirectory, out var watch, out var refused))
        {
            messages.Error($"cannot watch \"{options.AgentDirectory}\": {refused}");
            return refused.Code is ENOENT or EACCES or ENOTDIR or ENAMETOOLONG ? ExitCode.OsFile : ExitCode.OsError;
        }

        using var directory = new AgentDirectory(options.AgentDirectory, watch, options.AnyId, messages);
        using var agent = new PasswordAgent(options, directory, messages, time);
        return await agent.RunAsync(cancellationToken);
    }
}
