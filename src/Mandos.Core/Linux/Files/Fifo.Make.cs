using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Files;

public static partial class Fifo
{
    /// <summary>Makes it, for its owner alone (mkfifo(3)); EEXIST if something of that name is there.</summary>
    public static Errno Make(string path)
    {
        const uint ownerOnly = 0x180;
        return Errno.From(MakeFifo(path, ownerOnly));
    }

    [LibraryImport(LibC.Name, EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
