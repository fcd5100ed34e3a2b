using System.Runtime.InteropServices;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Linux.Files;

/// <summary>
/// Opens a file that a user named, for reading. This may also be a FIFO (bash creates them for &lt;(command)) or a device, but the wait for
/// its first bytes is limited.
/// </summary>
public static unsafe partial class InputFile
{
    private const int O_NONBLOCK = 0x800, O_NOCTTY = 0x100, O_CLOEXEC = 0x80000;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_TYPE = 1;
    private const int S_IFMT = 0xf000, S_IFREG = 0x8000, S_IFIFO = 0x1000, S_IFCHR = 0x2000;

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <param name="patience">How long a FIFO or a device may take until it can be read.</param>
    /// <param name="file">The file, which the caller disposes in any case.</param>
    /// <param name="error">The system's error, if any; none if the file is of the wrong kind.</param>
    /// <returns>Null if the file can be read; otherwise the reason.</returns>
    public static string? Open(string path, TimeSpan patience, out Descriptor file, out Errno error)
    {
        file = new Descriptor(OpenCall(path, O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        error = Errno.From(file.Number);
        Status status = default;
        if (error.Ok)
            error = Errno.From(StatX(file.Number, "", AT_EMPTY_PATH, STATX_TYPE, &status));
        if (!error.Ok)
            return error.ToString();
        switch (status.Mode & S_IFMT)
        {
            case S_IFREG:
                return null;
            case S_IFIFO or S_IFCHR when DescriptorIo.WaitUntilReadable(file.Number, (int)patience.TotalMilliseconds):
                // Later reads may wait for the writer.
                error = file.SetWaiting(true);
                return error.Ok ? null : error.ToString();
            case S_IFIFO:
                return "it is a FIFO that no process writes to";
            default:
                return "it is not a file that can be read";
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Status* status);
}
