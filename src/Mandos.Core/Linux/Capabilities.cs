using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>
/// Gives up what is left of root (capabilities(7), prctl(2)). These belong to the calling thread; threads it starts
/// inherit them.
/// </summary>
public static unsafe partial class Capabilities
{
    private const int PR_CAPBSET_DROP = 24;
    private const int PR_SET_NO_NEW_PRIVS = 38;
    private const int PR_CAP_AMBIENT = 47;
    private const int PR_CAP_AMBIENT_CLEAR_ALL = 4;
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

    /// <summary>No program executed from now on gets more privileges than we have (no_new_privs).</summary>
    public static Errno ForbidNewPrivileges() => Errno.From(PrCtl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));

    /// <summary>Empties the bounding set; needs CAP_SETPCAP, so it comes before the user is changed. Numbers the kernel does not know are no error.</summary>
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

    [LibraryImport(LibC.Name, EntryPoint = "prctl", SetLastError = true)]
    private static partial int PrCtl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport(LibC.Name, EntryPoint = "capset", SetLastError = true)]
    private static partial int CapSet(Header* header, Sets* sets);
}
