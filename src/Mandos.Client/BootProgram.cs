using Mandos.Client.Agent;
using Mandos.Client.Keeper;
using Mandos.Client.Plugins;
using Mandos.Client.Runner;
using Mandos.Client.Separation;
using Mandos.Client.Supervision;
using Mandos.Client.Unlock;

namespace Mandos.Client;

/// <summary>
/// The one executable of early boot under its several names: by a link of that name, or as the first argument of
/// <c>mandos-client</c>.
/// </summary>
internal static class BootProgram
{
    /// <summary>The program that the file is named after; every other name than a role's means it, too.</summary>
    internal const string Name = "mandos-client";

    private static readonly BootRole[] _roles =
    [
        new(RunnerCommandLine.Name, RunnerProgram.RunAsync),
        new(PasswordPromptProgram.Name, PasswordPromptProgram.RunAsync),
        new(PlymouthProgram.Name, PlymouthProgram.RunAsync),
        new(AskpassFifoProgram.Name, AskpassFifoProgram.RunAsync),
        new(AgentCommandLine.Name, AgentProgram.RunAsync),
        new(UnlockProgram.Role, UnlockProgram.RunAsync),
        new(KeeperProgram.Name, KeeperProgram.RunAsync),
        new(LaunchCommand.Role, Launch.RunAsync),
        new(NetworkProcessSettings.Role, arguments => NetworkProcessProgram.RunAsync(arguments, TimeProvider.System)),
    ];

    private static readonly BootRole _client = new(Name, ClientProgram.RunAsync);

    /// <summary>Runs to the end. A signal that asked for the end is the way the process dies after that.</summary>
    internal static Task<int> RunAsync(string invokedAs, IReadOnlyList<string> arguments)
    {
        var role = Find(invokedAs, ref arguments);
        return role.RunAsync(arguments);
    }

    /// <summary>The role asked for; takes the first argument away if it names the role.</summary>
    internal static BootRole Find(string invokedAs, ref IReadOnlyList<string> arguments)
    {
        if (RoleNamed(Path.GetFileName(invokedAs)) is { } byName)
            return byName;
        if (arguments.Count == 0 || RoleNamed(arguments[0]) is not { } byArgument)
            return _client;
        arguments = [.. arguments.Skip(1)];
        return byArgument;
    }

    /// <summary>True if the file fetches the password from a server when it is called by this name.</summary>
    internal static bool IsClient(string name) => RoleNamed(name) is null;

    private static BootRole? RoleNamed(string name) => Array.Find(_roles, role => role.Name == name);
}
