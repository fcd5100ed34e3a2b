using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>What a path is (statx(2), whose structure is the same on every architecture).</summary>
public static unsafe partial class FileKind
{
    private const int AT_FDCWD = -100;
    private const uint STATX_TYPE_AND_MODE = 3;
    private const int S_IFMT = 0xf000, S_IFREG = 0x8000, AnyExecute = 0x49;

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }

    /// <summary>True for a regular file, at the end of symbolic links, that anybody may execute.</summary>
    public static bool IsExecutableFile(string path)
    {
        Status status;
        return StatX(AT_FDCWD, path, 0, STATX_TYPE_AND_MODE, &status) == 0
            && (status.Mode & S_IFMT) == S_IFREG
            && (status.Mode & AnyExecute) != 0;
    }

    [LibraryImport(LibC.Name, EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Status* status);
}
