using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>Protects secrets of this process from swap, core dumps and debuggers.</summary>
public static unsafe partial class ProcessMemory
{
    private const int PR_SET_DUMPABLE = 4;
    private const int RLIMIT_CORE = 4, RLIMIT_MEMLOCK = 8;
    private const int MADV_DONTDUMP = 16;
    private const int MCL_CURRENT = 1, MCL_FUTURE = 2, MCL_ONFAULT = 4;
    private const int PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2;
    private const int MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20;

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public nuint Current;
        public nuint Maximum;
    }

    /// <summary>
    /// Forbids core files and ptrace from now on (prctl(2) PR_SET_DUMPABLE, RLIMIT_CORE 0). Must be called first in every program that
    /// handles secrets.
    /// </summary>
    public static void ForbidDumps()
    {
        var none = default(ResourceLimit);
        _ = SetRLimit(RLIMIT_CORE, &none);
        _ = PrCtl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    }

    /// <summary>
    /// Allows this process to lock this many bytes (RLIMIT_MEMLOCK), or as many as permitted: beyond the limit secrets are kept in memory
    /// that can be swapped out. A later change of user does not change the limit.
    /// </summary>
    public static void AllowLocking(int bytes)
    {
        ResourceLimit limit;
        if (GetRLimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.Current >= (nuint)bytes)
            return;
        var wanted = new ResourceLimit { Current = (nuint)bytes, Maximum = nuint.Max(limit.Maximum, (nuint)bytes) };
        if (SetRLimit(RLIMIT_MEMLOCK, &wanted) == 0)
            return;
        limit.Current = limit.Maximum;
        _ = SetRLimit(RLIMIT_MEMLOCK, &limit);
    }

    /// <summary>
    /// Locks all current and future pages of this process: for a short-lived program that also has secrets in objects of a library. False
    /// if the system does not permit it, as without CAP_IPC_LOCK.
    /// </summary>
    public static bool LockAll() => MLockAll(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;

    /// <summary>The number of bytes that this process may lock (RLIMIT_MEMLOCK); null for unlimited.</summary>
    public static ulong? LockLimit
    {
        get
        {
            ResourceLimit limit;
            return GetRLimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.Current != nuint.MaxValue ? limit.Current : null;
        }
    }

    /// <summary>
    /// Maps whole pages outside the managed heap and excludes them from core dumps. The garbage collector never sees, moves or copies them.
    /// </summary>
    /// <exception cref="InsufficientMemoryException">mmap(2) failed.</exception>
    internal static byte* Map(nuint length)
    {
        var address = MMap(null, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (address == (void*)-1)
            throw new InsufficientMemoryException();
        // First, while it is empty: with the same advice as its neighbour, the kernel merges both mappings.
        _ = MAdvise(address, length, MADV_DONTDUMP);
        return (byte*)address;
    }

    /// <summary>Maps pages between two inaccessible guard pages.</summary>
    /// <exception cref="InsufficientMemoryException">mmap(2) or mprotect(2) failed.</exception>
    internal static byte* MapGuarded(nuint length)
    {
        var page = (nuint)Environment.SystemPageSize;
        var whole = length + (2 * page);
        var address = MMap(null, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (address == (void*)-1)
            throw new InsufficientMemoryException();
        var start = (byte*)address + page;
        if (MProtect(start, length, PROT_READ | PROT_WRITE) != 0)
        {
            _ = MUnmap(address, whole);
            throw new InsufficientMemoryException();
        }

        _ = MAdvise(start, length, MADV_DONTDUMP);
        return start;
    }

    /// <summary>
    /// Locks pages into memory; false if the system does not allow it. EPERM and ENOMEM (RLIMIT_MEMLOCK) are tolerated: an
    /// unlocked secret beats a machine that does not boot.
    /// </summary>
    internal static bool Lock(byte* address, nuint length) => MLock(address, length) == 0;

    internal static void Unmap(byte* address, nuint length) => _ = MUnmap(address, length);

    /// <summary>Unmaps pages together with their guard pages.</summary>
    internal static void UnmapGuarded(byte* address, nuint length)
    {
        var page = (nuint)Environment.SystemPageSize;
        _ = MUnmap(address - page, length + (2 * page));
    }

    [LibraryImport(LibC.Name, EntryPoint = "prctl", SetLastError = true)]
    private static partial int PrCtl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport(LibC.Name, EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetRLimit(int resource, ResourceLimit* limit);

    [LibraryImport(LibC.Name, EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetRLimit(int resource, ResourceLimit* limit);

    [LibraryImport(LibC.Name, EntryPoint = "mmap", SetLastError = true)]
    private static partial void* MMap(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(LibC.Name, EntryPoint = "munmap", SetLastError = true)]
    private static partial int MUnmap(void* address, nuint length);

    [LibraryImport(LibC.Name, EntryPoint = "mprotect", SetLastError = true)]
    private static partial int MProtect(void* address, nuint length, int protection);

    [LibraryImport(LibC.Name, EntryPoint = "mlock", SetLastError = true)]
    private static partial int MLock(void* address, nuint length);

    [LibraryImport(LibC.Name, EntryPoint = "mlockall", SetLastError = true)]
    private static partial int MLockAll(int flags);

    [LibraryImport(LibC.Name, EntryPoint = "madvise", SetLastError = true)]
    private static partial int MAdvise(void* address, nuint length, int advice);
}
