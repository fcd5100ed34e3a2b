using System.Globalization;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Launching;

/// <summary>The role <c>launch</c>: changes to another user and executes another program; see <see cref="LaunchCommand"/>.</summary>
internal static class Launch
{
    private const int FixedArguments = 5;

    /// <summary>Returns only if the program could not be executed.</summary>
    internal static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var messages = new Messages(RoleNames.Client, debug: false);
        // With a set-user-ID bit, the caller could choose any user.
        if (Credentials.RealUser != 0)
            return Refuse(messages, ExitCode.Usage, "only root can launch a program as another user");
        if (arguments.Count < FixedArguments || !TryId(arguments[0], out var user) || !TryId(arguments[1], out var group)
            || arguments[2] is not (LaunchCommand.Drop or LaunchCommand.KeepRoot))
            return Refuse(messages, ExitCode.Usage, "launch is only for plugin-runner and password-agent");

        var error = arguments[2] == LaunchCommand.KeepRoot ? Credentials.ActAsRootFor(user, group) : Credentials.Become(user, group);
        if (!error.Ok)
            return Refuse(messages, ExitCode.OsError, $"cannot become user {user} and group {group}: {error}");
        var program = arguments[3];
        error = ProgramExecution.Execute(program, [.. arguments.Skip(FixedArguments - 1)]);
        return Refuse(messages, ExitCode.OsError, $"cannot execute \"{program}\" as user {user}: {error}");
    }

    private static bool TryId(string text, out uint id) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id != uint.MaxValue;

    private static Task<int> Refuse(Messages messages, int exitCode, string text)
    {
        messages.Error(text);
        return Task.FromResult(exitCode);
    }
}
