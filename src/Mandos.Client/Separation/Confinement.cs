using Mandos.Client.Hosting;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Separation;

/// <summary>
/// Removes every privilege of the network process before it reads any byte that is not from the supervisor. The order matters, because each
/// step needs privileges that a later one removes: no new privileges, bounding set, groups and user, capabilities, files, system calls.
/// </summary>
internal static class Confinement
{
    /// <summary>Confines this process. False, with the reason, if it must not continue.</summary>
    /// <param name="settings">The user to change to, and whether a kernel without landlock or seccomp is an error.</param>
    /// <param name="messages">Prints what is missing.</param>
    /// <param name="error">The reason.</param>
    internal static bool TryEnter(NetworkProcessSettings settings, Messages messages, out string error)
    {
        error = "";
        // The runtime seeds its hash tables from /dev/urandom at the first use, and keeps the file open.
        _ = Random.Shared.Next();
        var problem = Capabilities.ForbidNewPrivileges();
        if (!problem.Ok)
            return Fail($"cannot forbid new privileges: {problem}", out error);
        problem = ChangeUser(settings);
        if (!problem.Ok)
            return Fail($"cannot become an unprivileged user: {problem}", out error);
        problem = Capabilities.DropAll();
        if (!problem.Ok)
            return Fail($"cannot drop capabilities: {problem}", out error);
        // A change of user may make a process dumpable again.
        ProcessMemory.ForbidDumps();

        var files = Landlock.ForbidFiles(out var version);
        messages.Debug?.Invoke(files.Ok ? $"landlock version {version} in force" : $"no landlock: {files}");
        if (!files.Ok && settings.RequireSandbox)
            return Fail($"--require-sandbox: no landlock: {files}", out error);
        var calls = Seccomp.Apply(NetworkProcessFilter.Build(Environment.ProcessId));
        if (!calls.Ok && settings.RequireSandbox)
            return Fail($"--require-sandbox: no system call filter: {calls}", out error);
        if (!calls.Ok)
        {
            // The kernel was built without seccomp: the machine must boot, with the other restrictions in effect.
            messages.Warning($"no system call filter: {calls}");
            return true;
        }

        return Holds(out error);
    }

    /// <summary>
    /// Changes the user. With a set-user-ID bit, it is the user who started the program; if root started it, the configured user, or the
    /// user nobody. Without root nothing changes.
    /// </summary>
    private static Errno ChangeUser(NetworkProcessSettings settings)
    {
        if (Credentials.EffectiveUser != 0)
            return Credentials.BecomeRealUser();
        Capabilities.EmptyBoundingSet();
        var (user, group) = (Credentials.RealUser, Credentials.RealGroup);
        if (user == 0)
            (user, group) = settings.User != 0 ? (settings.User, settings.Group) : (Credentials.Nobody, Credentials.Nobody);
        return Credentials.Become(user, group);
    }

    /// <summary>Verifies that the process can no longer open files or become root.</summary>
    private static bool Holds(out string error)
    {
        error = "";
        var opened = Descriptor.OpenForReading("/", out var file);
        file.Dispose();
        if (opened.Code != Errno.NotPermitted)
            return Fail("the system call filter has no effect", out error);
        return Credentials.ActAs(0).Ok ? Fail("root privileges were not dropped", out error) : true;
    }

    private static bool Fail(string text, out string error)
    {
        error = text;
        return false;
    }
}
