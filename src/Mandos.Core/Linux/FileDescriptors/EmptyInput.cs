using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>An empty standard input for a child.</summary>
public static unsafe partial class EmptyInput
{
    private const int O_CLOEXEC = 0x80000;

    /// <summary>Opens /dev/null or, if it does not exist, a pipe without a writer.</summary>
    public static SafeFileHandle Open()
    {
        try
        {
            return File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (OpenPipe() is { } pipe)
                return pipe;
            throw;
        }
    }

    private static SafeFileHandle? OpenPipe()
    {
        var ends = stackalloc int[2];
        if (Pipe(ends, O_CLOEXEC) != 0)
            return null;
        _ = LibC.Close(ends[1]);
        return new SafeFileHandle(ends[0], ownsHandle: true);
    }

    [LibraryImport(LibC.Name, EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe(int* ends, int flags);
}
