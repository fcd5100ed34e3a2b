using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>The file descriptors of this process: their limit, and inherited ones.</summary>
public static unsafe partial class Descriptors
{
    private const int RLIMIT_NOFILE = 7;
    private const int F_DUPFD_CLOEXEC = 1030;

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public nuint Current;
        public nuint Maximum;
    }

    /// <summary>Raises the limit on open descriptors as far as permitted; returns the new limit.</summary>
    public static int RaiseLimit()
    {
        ResourceLimit limit;
        if (GetRLimit(RLIMIT_NOFILE, &limit) != 0)
            return 1024;
        limit.Current = limit.Maximum;
        _ = SetRLimit(RLIMIT_NOFILE, &limit);
        _ = GetRLimit(RLIMIT_NOFILE, &limit);
        return (int)Math.Min(limit.Current, 1 << 20);
    }

    /// <summary>
    /// Duplicates an inherited descriptor to a number above the standard streams, close-on-exec; the original stays open.
    /// </summary>
    public static Errno Duplicate(int descriptor, out int copy)
    {
        copy = FCntl(descriptor, F_DUPFD_CLOEXEC, 3);
        return Errno.From(copy);
    }

    [LibraryImport(LibC.Name, EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetRLimit(int resource, ResourceLimit* limit);

    [LibraryImport(LibC.Name, EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetRLimit(int resource, ResourceLimit* limit);

    [LibraryImport(LibC.Name, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FCntl(int fd, int command, nint argument);
}
