using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>Standard input for a child that shall read nothing.</summary>
public static unsafe partial class EmptyInput
{
    private const int O_CLOEXEC = 0x80000;

    /// <summary>/dev/null, or where there is none a pipe at its end.</summary>
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
