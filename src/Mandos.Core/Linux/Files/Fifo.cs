using System.Runtime.InteropServices;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Linux.Files;

/// <summary>A named pipe whose reader is another program (fifo(7)).</summary>
public static partial class Fifo
{
    private const int O_WRONLY = 1, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;

    /// <summary>Creates the pipe, for its owner only (mkfifo(3)); EEXIST if the name already exists.</summary>
    public static Errno Make(string path)
    {
        const uint ownerOnly = 0x180;
        return Errno.From(MakeFifo(path, ownerOnly));
    }

    /// <summary>
    /// Opens the pipe for writing if it has a reader; otherwise ENXIO. Opening and closing it signals the end to the reader even if nothing
    /// is written, so it must only be opened to write.
    /// </summary>
    public static Errno OpenForWriting(string path, out Descriptor fifo)
    {
        var number = Open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | SmallFile.NoFollow);
        fifo = new Descriptor(number);
        return Errno.From(number);
    }

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
