using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>Brings the inherited descriptors into a defined state. Must be called at the start, before anything is opened.</summary>
public static partial class InheritedDescriptors
{
    private const int F_GETFD = 1;
    private const int F_SETFD = 2;
    private const int FD_CLOEXEC = 1;
    private const int F_DUPFD = 0;
    private const uint CLOSE_RANGE_CLOEXEC = 4;
    private const nint SYS_close_range = 436;
    private const int LastStandard = 2;

    /// <summary>
    /// Opens those of the numbers 0 to 2 that are closed: reads return the end, writes fail, so that no file that is opened later gets the
    /// number of stdout.
    /// </summary>
    public static Errno FillStandard()
    {
        for (var number = 0; number <= LastStandard; number++)
        {
            if (FCntl(number, F_GETFD, 0) >= 0)
                continue;
            var error = Descriptor.Pipe(out var read, out var write);
            if (!error.Ok)
                return error;
            write.Dispose();
            // The pipe's ends got the lowest free numbers, and the first of them is this one.
            if (read.Number != number)
            {
                _ = FCntl(read.Number, F_DUPFD, number);
                read.Dispose();
            }
            else
            {
                _ = FCntl(number, F_SETFD, 0);
            }
        }

        return Errno.None;
    }

    /// <summary>Prevents children from inheriting the other inherited descriptors.</summary>
    public static void KeepFromChildren()
    {
        if (CloseRange(SYS_close_range, LastStandard + 1, uint.MaxValue, CLOSE_RANGE_CLOEXEC) == 0)
            return;
        // Kernels before 5.11.
        for (var number = LastStandard + 1; number < 1024; number++)
        {
            var flags = FCntl(number, F_GETFD, 0);
            if (flags >= 0)
                _ = FCntl(number, F_SETFD, flags | FD_CLOEXEC);
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FCntl(int fd, int command, nint argument);

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint CloseRange(nint number, nuint first, nuint last, nuint flags);
}
