using Mandos.Client.Agent;
using Mandos.Client.Hosting;
using Mandos.Client.PasswordCache;
using Mandos.Client.KernelParameters;
using Mandos.Client.Launching;
using Mandos.Client.Plugins;
using Mandos.Client.Runner;
using Mandos.Client.Separation;
using Mandos.Client.Supervision;
using Mandos.Client.Unlock;

namespace Mandos.Client;

/// <summary>
/// The single executable of early boot under its several names: called through a link of that name, or with the name as the first argument
/// of <c>mandos-client</c>.
/// </summary>
internal static class BootProgram
{
    private static readonly BootRole[] RolesOfNames =
    [
        new(RoleNames.PluginRunner, RunnerProgram.RunAsync),
        new(RoleNames.PasswordPrompt, PasswordPromptProgram.RunAsync),
        new(RoleNames.Plymouth, PlymouthProgram.RunAsync),
        new(RoleNames.AskpassFifo, AskpassFifoProgram.RunAsync),
        new(RoleNames.PasswordAgent, AgentProgram.RunAsync),
        new(RoleNames.Unlock, UnlockProgram.RunAsync),
        new(RoleNames.PasswordCache, PasswordCacheProgram.RunAsync),
        new(RoleNames.KernelParameters, KernelParametersProgram.RunAsync),
        new(RoleNames.Launch, Launch.RunAsync),
        new(RoleNames.NetworkProcess, arguments => NetworkProcessProgram.RunAsync(arguments, TimeProvider.System)),
    ];

    /// <summary>The names of the roles in the table.</summary>
    internal static IEnumerable<string> Roles => RolesOfNames.Select(role => role.Name);

    private static readonly BootRole DefaultRole = new(RoleNames.Client, ClientProgram.RunAsync);

    /// <summary>Runs a role to its end. If a signal requested the end, the process afterwards dies of that signal.</summary>
    internal static Task<int> RunAsync(string invokedAs, IReadOnlyList<string> arguments)
    {
        var role = Find(invokedAs, ref arguments);
        return role.RunAsync(arguments);
    }

    /// <summary>Finds the requested role; removes the first argument if it names the role.</summary>
    internal static BootRole Find(string invokedAs, ref IReadOnlyList<string> arguments)
    {
        if (RoleNamed(Path.GetFileName(invokedAs)) is { } byName)
            return byName;
        if (arguments.Count == 0 || RoleNamed(arguments[0]) is not { } byArgument)
            return DefaultRole;
        arguments = [.. arguments.Skip(1)];
        return byArgument;
    }

    private static BootRole? RoleNamed(string name) => Array.Find(RolesOfNames, role => role.Name == name);
}

/// <summary>One of the programs in the boot executable.</summary>
/// <param name="Name">The name that it is called by.</param>
/// <param name="RunAsync">Runs the program with its arguments (without its name) and returns an <see cref="ExitCode"/>.</param>
internal sealed record BootRole(string Name, Func<IReadOnlyList<string>, Task<int>> RunAsync);
