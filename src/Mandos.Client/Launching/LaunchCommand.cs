using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Linux;

namespace Mandos.Client.Launching;

/// <summary>
/// Starts programs under another user. posix_spawn(3) cannot change ids, and fork(2) is out of the question with the
/// threads of the runtime: so our own executable is started in the role <see cref="Launch"/>, changes them, and executes
/// the program in its place. Process number, group and descriptors stay as the command says.
/// </summary>
internal static class LaunchCommand
{
    /// <summary>The first argument: <c>launch UID GID {drop|keep-root} PROGRAM ARGV0 [ARGS…]</c>.</summary>
    internal const string Role = RoleNames.Launch;

    internal const string Drop = "drop";
    internal const string KeepRoot = "keep-root";

    /// <summary>Starts the command as the user. False, with the reason, if our own executable could not be started.</summary>
    /// <remarks>Needs root. A program that cannot be executed after that ends with <see cref="ExitCode.OsError"/> and a message.</remarks>
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

    /// <summary>The command that makes our own executable become the given one.</summary>
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

/// <summary>What a launched program may do.</summary>
internal enum LaunchMode
{
    /// <summary>Everything is the user's: no way back to root.</summary>
    Drop,

    /// <summary>The real ids are the user's, the effective and saved ones root's, as of a set-uid program that the user started.</summary>
    KeepRoot,
}
