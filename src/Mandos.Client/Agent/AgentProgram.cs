using Mandos.Client.Hosting;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Client.Agent;

/// <summary>The role <c>password-agent</c>: a systemd password agent for machines that get their password from a Mandos server.</summary>
internal static class AgentProgram
{
    private const int StandardOutput = 1;
    private const int ENOENT = 2, EACCES = 13, ENOTDIR = 20, ENAMETOOLONG = 36;

    /// <summary>Runs to the end. If a signal requested the end, dies of it after the client has ended.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var options = RoleHost.Parse(
            AgentCommandLine.Name, (output, error, out exitCode) => new AgentCommandLine().Parse(arguments, output, error, out exitCode),
            out var exitCode);
        if (options is null)
            return exitCode;
        if (options.Test)
            return new SelfTest(new Messages(AgentCommandLine.Name, debug: false, StandardOutput)).Run();
        options.AsUser = Credentials.RealUser == 0;
        return await RoleHost.RunAsync(
            stop => RunAsync(options, new Messages(AgentCommandLine.Name, options.Debug), TimeProvider.System, stop));
    }

    /// <summary>Runs to the end; returns an <see cref="ExitCode"/>.</summary>
    internal static async Task<int> RunAsync(
        AgentOptions options, Messages messages, TimeProvider time, CancellationToken cancellationToken)
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
