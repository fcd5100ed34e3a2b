using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>
/// posix_spawn(3) with what our children need. fork is impossible: the runtime has threads, whose locks do not survive it.
/// </summary>
internal static unsafe partial class PosixSpawn
{
    private const short POSIX_SPAWN_SETPGROUP = 0x02;
    private const short POSIX_SPAWN_SETSIGDEF = 0x04;
    private const short POSIX_SPAWN_SETSIGMASK = 0x08;
    private const short POSIX_SPAWN_SETSID = 0x80;
    private const int F_DUPFD_CLOEXEC = 1030;

    // Larger than those of any C library: glibc's have 336 and 80 bytes, and sigset_t 128.
    [StructLayout(LayoutKind.Sequential, Size = 512)]
    private struct SpawnAttributes { private readonly nint _align; }

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct FileActions { private readonly nint _align; }

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct SignalSet { private readonly nint _align; }

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct SignalAction { public nint Handler; }

    internal static Errno Start(ChildCommand command, out int pid)
    {
        LetChildrenBeWaitedFor();
        using var arguments = new NativeStrings(command.Arguments);
        using var environment = new NativeStrings(command.Environment);
        SpawnAttributes attributes;
        FileActions actions;
        var copies = new List<int>();
        _ = AttributesInit(&attributes);
        _ = FileActionsInit(&actions);
        pid = -1;
        try
        {
            SetAttributes(&attributes, command);
            var error = MapDescriptors(&actions, command, copies);
            if (error.Ok && command.WorkingDirectory is { } directory)
                error = new Errno(FileActionsAddDirectory(&actions, directory));
            if (!error.Ok)
                return error;
            int started;
            var result = Spawn(&started, command.Path, &actions, &attributes, arguments.Pointers, environment.Pointers);
            if (result == 0)
                pid = started;
            return new Errno(result);
        }
        finally
        {
            _ = FileActionsDestroy(&actions);
            _ = AttributesDestroy(&attributes);
            foreach (var copy in copies)
                _ = LibC.Close(copy);
        }
    }

    /// <summary>
    /// Unblocks all signals in the child and restores the default of SIGPIPE, which the runtime ignores. Signals that the user made us
    /// ignore (nohup) remain ignored, as after any exec.
    /// </summary>
    private static void SetAttributes(SpawnAttributes* attributes, ChildCommand command)
    {
        SignalSet set;
        _ = SignalEmptySet(&set);
        _ = AttributesSetMask(attributes, &set);
        _ = SignalAddSet(&set, Signals.Pipe);
        _ = AttributesSetDefault(attributes, &set);
        _ = AttributesSetGroup(attributes, 0);
        // The leader of a session also leads its group.
        var alone = command.NewSession ? POSIX_SPAWN_SETSID : command.NewProcessGroup ? POSIX_SPAWN_SETPGROUP : 0;
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | alone;
        _ = AttributesSetFlags(attributes, (short)flags);
    }

    /// <summary>Copies every source above all targets first, so that no target overwrites a source that is still needed.</summary>
    private static Errno MapDescriptors(FileActions* actions, ChildCommand command, List<int> copies)
    {
        var floor = 3;
        foreach (var descriptor in command.Descriptors)
            floor = Math.Max(floor, descriptor.Target + 1);
        foreach (var descriptor in command.Descriptors)
        {
            var copy = FCntl(descriptor.Source, F_DUPFD_CLOEXEC, floor);
            if (copy < 0)
                return Errno.Last;
            copies.Add(copy);
            var result = FileActionsAddDup2(actions, copy, descriptor.Target);
            if (result != 0)
                return new Errno(result);
        }
        return command.ClosesOthers ? new Errno(FileActionsAddCloseFrom(actions, floor)) : Errno.None;
    }

    /// <summary>The parent process may have ignored SIGCHLD; then the kernel would discard exit statuses.</summary>
    private static void LetChildrenBeWaitedFor()
    {
        const nint ignore = 1;
        SignalAction action = default;
        if (SigAction(Signals.Chld, null, &action) != 0 || action.Handler != ignore)
            return;
        action.Handler = 0;
        _ = SigAction(Signals.Chld, &action, null);
    }

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(
        int* pid, string path, FileActions* actions, SpawnAttributes* attributes, byte** arguments, byte** environment);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(SpawnAttributes* attributes);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(SpawnAttributes* attributes);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_setflags")]
    private static partial int AttributesSetFlags(SpawnAttributes* attributes, short flags);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_setpgroup")]
    private static partial int AttributesSetGroup(SpawnAttributes* attributes, int group);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int AttributesSetMask(SpawnAttributes* attributes, SignalSet* mask);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int AttributesSetDefault(SpawnAttributes* attributes, SignalSet* set);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int FileActionsInit(FileActions* actions);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int FileActionsDestroy(FileActions* actions);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int FileActionsAddDup2(FileActions* actions, int source, int target);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileActionsAddDirectory(FileActions* actions, string path);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    private static partial int FileActionsAddCloseFrom(FileActions* actions, int first);

    [LibraryImport(LibC.Name, EntryPoint = "sigemptyset")]
    private static partial int SignalEmptySet(SignalSet* set);

    [LibraryImport(LibC.Name, EntryPoint = "sigaddset")]
    private static partial int SignalAddSet(SignalSet* set, int signal);

    [LibraryImport(LibC.Name, EntryPoint = "sigaction")]
    private static partial int SigAction(int signal, SignalAction* action, SignalAction* previous);

    [LibraryImport(LibC.Name, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FCntl(int fd, int command, nint argument);
}
