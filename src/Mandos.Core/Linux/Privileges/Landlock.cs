using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Privileges;

/// <summary>
/// Landlock (landlock(7)), with which a process restricts itself. Applies to the calling thread and those that it starts; needs
/// no_new_privs.
/// </summary>
public static unsafe partial class Landlock
{
    private const nint SYS_landlock_create_ruleset = 444;
    private const nint SYS_landlock_restrict_self = 446;
    private const nuint LANDLOCK_CREATE_RULESET_VERSION = 1;

    [StructLayout(LayoutKind.Sequential)]
    private struct Ruleset
    {
        public ulong FileRights;
        public ulong NetworkRights;
        public ulong Scopes;
    }

    /// <summary>
    /// Forbids all access to files, binding TCP ports, and abstract sockets of others, as far as this kernel supports it. ENOSYS or
    /// EOPNOTSUPP if landlock is not available.
    /// </summary>
    /// <param name="version">The version of the kernel's interface.</param>
    public static Errno ForbidFiles(out int version)
    {
        version = (int)SysCall(SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
        if (version < 0)
            return Errno.Last;
        var rights = Rights(version);
        var ruleset = (int)SysCall(SYS_landlock_create_ruleset, (nint)(&rights), SizeFor(version), 0);
        if (ruleset < 0)
            return Errno.Last;
        var error = SysCall(SYS_landlock_restrict_self, ruleset, 0, 0) < 0 ? Errno.Last : Errno.None;
        _ = LibC.Close(ruleset);
        return error;
    }

    /// <summary>Returns all bits that a version of the interface supports; the kernel rejects any unknown bit.</summary>
    private static Ruleset Rights(int version) => new()
    {
        FileRights = version switch
        {
            1 => 0x1FFF,
            2 => 0x3FFF,
            3 or 4 => 0x7FFF,
            _ => 0xFFFF,
        },
        // Binding TCP ports; this process needs to connect.
        NetworkRights = version >= 4 ? 1u : 0,
        // Not signals: kernels before 6.15 then forbid them between threads of one process, which the runtime needs.
        Scopes = version >= 6 ? 1u : 0,
    };

    private static nuint SizeFor(int version) => version switch
    {
        >= 6 => 24,
        >= 4 => 16,
        _ => 8,
    };

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SysCall(nint number, nint first, nuint second, nuint third);
}
