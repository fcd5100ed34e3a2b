using System.Runtime.InteropServices;

namespace Mandos.Server.Tests.Checkers;

/// <summary>What careless libraries do.</summary>
internal static partial class NativeDescriptors
{
    private const int F_SETFD = 2;

    internal static int SetFlags(int descriptor, int flags) => FCntl(descriptor, F_SETFD, flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FCntl(int fd, int command, nint argument);
}
