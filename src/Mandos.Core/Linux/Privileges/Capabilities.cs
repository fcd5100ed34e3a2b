using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Privileges;

/// <summary>
/// Drops capabilities (capabilities(7), prctl(2)). They belong to the calling thread; threads that it starts inherit them.
/// </summary>
public static unsafe partial class Capabilities
{
    private const int PR_SET_KEEPCAPS = 8;
    private const int PR_CAPBSET_READ = 23;
    private const int PR_CAPBSET_DROP = 24;
    private const int PR_SET_NO_NEW_PRIVS = 38;
    private const int PR_CAP_AMBIENT = 47;
    private const int PR_CAP_AMBIENT_RAISE = 2;
    private const int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    private const int PR_GET_NO_NEW_PRIVS = 39;
    private const uint Version3 = 0x20080522;
    private const int Highest = 63;

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public uint Version;
        public int Pid;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Sets
    {
        public uint Effective;
        public uint Permitted;
        public uint Inheritable;
    }

    /// <summary>Prevents programs that are executed from now on from gaining privileges (no_new_privs).</summary>
    public static Errno ForbidNewPrivileges() => Errno.From(PrCtl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));

    /// <summary>Whether gaining privileges is already prevented.</summary>
    public static bool AreNewPrivilegesForbidden => PrCtl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;

    /// <summary>Whether an executed program can gain these capabilities from its file: they are in the bounding set.</summary>
    public static bool CanBeGained(CapabilitySet rights)
    {
        for (var capability = 0; capability <= Highest; capability++)
        {
            if (((ulong)rights >> capability & 1) == 1 && PrCtl(PR_CAPBSET_READ, (nuint)capability, 0, 0, 0) != 1)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Drops all capabilities except <paramref name="rights"/> on this thread, and passes these to programs that it executes, even if new
    /// privileges are forbidden.
    /// </summary>
    /// <returns>The remaining capabilities, which are passed on.</returns>
    public static CapabilitySet HandDown(CapabilitySet rights)
    {
        rights &= Permitted;
        _ = Restrict(rights, CapabilitySet.None, rights);
        for (var capability = 0; capability <= Highest; capability++)
        {
            if (((ulong)rights >> capability & 1) == 1)
                _ = PrCtl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (nuint)capability, 0, 0);
        }

        return rights;
    }

    /// <summary>
    /// Empties the bounding set; needs CAP_SETPCAP, so it must precede the change of user. Numbers that the kernel does not know are not an
    /// error.
    /// </summary>
    public static void EmptyBoundingSet()
    {
        for (var capability = 0; capability <= Highest; capability++)
            _ = PrCtl(PR_CAPBSET_DROP, (nuint)capability, 0, 0, 0);
    }

    /// <summary>Empties the ambient, effective, permitted and inheritable sets.</summary>
    public static Errno DropAll()
    {
        _ = PrCtl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        var header = new Header { Version = Version3 };
        var sets = stackalloc Sets[2];
        sets[0] = sets[1] = default;
        return Errno.From(CapSet(&header, sets));
    }

    /// <summary>The permitted capabilities of this thread; none if the kernel does not report them.</summary>
    public static CapabilitySet Permitted
    {
        get
        {
            var header = new Header { Version = Version3 };
            var sets = stackalloc Sets[2];
            sets[0] = sets[1] = default;
            return CapGet(&header, sets) == 0 ? (CapabilitySet)(sets[0].Permitted | ((ulong)sets[1].Permitted << 32)) : CapabilitySet.None;
        }
    }

    /// <summary>Keeps the permitted capabilities of this thread (not the effective ones) when the process changes its user.</summary>
    public static Errno KeepOverChangeOfUser() => Errno.From(PrCtl(PR_SET_KEEPCAPS, 1, 0, 0, 0));

    /// <summary>
    /// Drops all capabilities except <paramref name="permitted"/> on this thread, of which <paramref name="effective"/> are in effect and
    /// programs that it executes may inherit <paramref name="inheritable"/>. The ambient set shrinks to what remains in both.
    /// </summary>
    public static Errno Restrict(CapabilitySet permitted, CapabilitySet effective, CapabilitySet inheritable)
    {
        var header = new Header { Version = Version3 };
        var sets = stackalloc Sets[2];
        for (var half = 0; half < 2; half++)
        {
            sets[half] = new()
            {
                Permitted = (uint)((ulong)permitted >> (32 * half)),
                Effective = (uint)((ulong)effective >> (32 * half)),
                Inheritable = (uint)((ulong)inheritable >> (32 * half)),
            };
        }

        return Errno.From(CapSet(&header, sets));
    }

    [LibraryImport(LibC.Name, EntryPoint = "prctl", SetLastError = true)]
    private static partial int PrCtl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport(LibC.Name, EntryPoint = "capget", SetLastError = true)]
    private static partial int CapGet(Header* header, Sets* sets);

    [LibraryImport(LibC.Name, EntryPoint = "capset", SetLastError = true)]
    private static partial int CapSet(Header* header, Sets* sets);
}
