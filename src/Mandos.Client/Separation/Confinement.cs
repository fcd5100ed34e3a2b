using Mandos.Client.Hosting;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Separation;

/// <summary>
/// Takes from the network process every privilege, before it looks at any byte that is not from the supervisor. In this
/// order, since each step needs what a later one takes: no new privileges, bounding set, groups and user, capabilities,
/// files, system calls.
/// </summary>
internal static class Confinement
{
    /// <summary>False, with the reason, if this process must not go on.</summary>
    /// <param name="settings">Who to be, and whether a kernel without landlock or seccomp is a reason.</param>
    /// <param name="messages">Where to say what is missing.</param>
    /// <param name="error">The reason.</param>
    internal static bool TryEnter(NetworkProcessSettings settings, Messages messages, out string error)
    {
        error = "";
        // The runtime seeds its hash tables from /dev/urandom when it needs them first; it keeps the file open.
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
        // The kernel makes a process that changed its user dumpable or not as it sees fit.
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
            // A kernel built without it: the machine shall boot, with the other walls standing.
            messages.Warning($"no system call filter: {calls}");
            return true;
        }

        return Holds(out error);
    }

    /// <summary>
    /// With a set-uid bit, the user is the one who started it; started by root, the configured user, or the user nobody. Without root
    /// there is nothing to change.
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

    /// <summary>Trust is good: the way to files and back to root must be closed now.</summary>
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
