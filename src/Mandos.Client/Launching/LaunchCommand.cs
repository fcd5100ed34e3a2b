using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Linux;

namespace Mandos.Client.Launching;

/// <summary>
/// Starts programs as another user. posix_spawn(3) cannot change IDs, and fork(2) is impossible with the runtime's threads. So our own
/// executable is started in the role <see cref="Launch"/>, which changes the IDs and executes the program. The process ID, process group
/// and descriptors are those of the command.
/// </summary>
internal static class LaunchCommand
{
    /// <summary>The first argument: <c>launch UID GID {drop|keep-root} PROGRAM ARGV0 [ARGS…]</c>.</summary>
    internal const string Role = RoleNames.Launch;

    internal const string Drop = "drop";
    internal const string KeepRoot = "keep-root";

    /// <summary>Starts the command as the user; false, with the reason, if our own executable could not be started.</summary>
    /// <remarks>
    /// Needs root. If the program cannot be executed, the process exits with <see cref="ExitCode.OsError"/> and a message.
    /// </remarks>
    internal static bool TryStart(
        ChildCommand command, uint user, uint group, LaunchMode mode, [NotNullWhen(true)] out ChildProcess? child, out Errno error)
    {
        child = null;
        error = Errno.None;
        foreach (var executable in OwnExecutable.Paths())
        {
            if (ChildProcess.TryStart(Wrap(command, executable, user, group, mode), out child, out error))
                return true;
        }

        return false;
    }

    /// <summary>Wraps the command so that our own executable starts it.</summary>
    internal static ChildCommand Wrap(ChildCommand command, string executable, uint user, uint group, LaunchMode mode) => command with
    {
        Path = executable,
        Arguments =
        [
            RoleNames.Client, Role,
            user.ToString(CultureInfo.InvariantCulture), group.ToString(CultureInfo.InvariantCulture),
            mode == LaunchMode.KeepRoot ? KeepRoot : Drop,
            command.Path, .. command.Arguments,
        ],
    };
}

/// <summary>The privileges of a launched program.</summary>
internal enum LaunchMode
{
    /// <summary>All IDs are the user's: the program cannot become root again.</summary>
    Drop,

    /// <summary>
    /// The real IDs are the user's, the effective and saved ones root's, as in a set-user-ID program that the user started.
    /// </summary>
    KeepRoot,
}
