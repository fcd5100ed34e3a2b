using System.Runtime.InteropServices;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Linux.Files;

/// <summary>The outcome of reading a small file.</summary>
public enum SmallFileResult
{
    /// <summary>The file was read.</summary>
    Read,

    /// <summary>The file does not exist.</summary>
    Missing,

    /// <summary>It is a symbolic link, a FIFO, a directory…</summary>
    NotRegular,

    /// <summary>The file is too long.</summary>
    TooLong,

    /// <summary>The system denied access.</summary>
    Refused,
}

/// <summary>Reads a file from another program, without blocking on other processes and without following links.</summary>
public static unsafe partial class SmallFile
{
    private const int O_NONBLOCK = 0x800, O_NOCTTY = 0x100, O_CLOEXEC = 0x80000;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_TYPE = 1;
    private const int S_IFMT = 0xf000, S_IFREG = 0x8000;
    private const int ENOENT = 2, ELOOP = 40, ENXIO = 6;

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }

    /// <summary>O_NOFOLLOW, one of the few numbers that differ between the supported architectures.</summary>
    internal static int NoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Reads a regular file of at most <paramref name="limit"/> bytes.</summary>
    public static SmallFileResult TryRead(string path, int limit, out byte[] content, out Errno error)
    {
        content = [];
        using var file = new Descriptor(Open(path, O_NONBLOCK | O_NOCTTY | O_CLOEXEC | NoFollow));
        error = Errno.From(file.Number);
        if (!error.Ok)
            return error.Code switch
            {
                ENOENT => SmallFileResult.Missing,
                ELOOP or ENXIO => SmallFileResult.NotRegular,
                _ => SmallFileResult.Refused
            };
        Status status;
        error = Errno.From(StatX(file.Number, "", AT_EMPTY_PATH, STATX_TYPE, &status));
        if (!error.Ok)
            return SmallFileResult.Refused;
        if ((status.Mode & S_IFMT) != S_IFREG)
            return SmallFileResult.NotRegular;

        var buffer = new byte[limit + 1];
        var length = 0;
        while (length < buffer.Length)
        {
            error = DescriptorIo.Read(file.Number, buffer.AsSpan(length), out var count);
            if (!error.Ok)
                return SmallFileResult.Refused;
            if (count == 0)
            {
                content = buffer[..length];
                return SmallFileResult.Read;
            }

            length += count;
        }

        return SmallFileResult.TooLong;
    }

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Status* status);
}
