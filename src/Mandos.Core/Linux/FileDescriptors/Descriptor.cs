using System.Globalization;
using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>A file descriptor that this process owns; it is closed on disposal, and children inherit it only if it is mapped.</summary>
public sealed unsafe partial class Descriptor(int number) : IDisposable
{
    private const int O_RDWR = 2;
    private const int O_CLOEXEC = 0x80000;
    private const int O_NOCTTY = 0x100;
    private const int O_NONBLOCK = 0x800;
    private const int F_SETFL = 4;
    private const int AF_UNIX = 1;
    private const int SOCK_SEQPACKET = 5;

    /// <summary>The number; -1 after disposal.</summary>
    public int Number { get; private set; } = number;

    /// <summary>Creates a pipe (pipe2(2)).</summary>
    public static Errno Pipe(out Descriptor read, out Descriptor write) =>
        Two(static ends => PipeCall(ends, O_CLOEXEC), out read, out write);

    /// <summary>Creates two connected sockets that preserve message boundaries (socketpair(2), SOCK_SEQPACKET).</summary>
    public static Errno MessagePair(out Descriptor first, out Descriptor second) =>
        Two(static ends => SocketPairCall(AF_UNIX, SOCK_SEQPACKET | O_CLOEXEC, 0, ends), out first, out second);

    /// <summary>Opens a file for reading.</summary>
    public static Errno OpenForReading(string path, out Descriptor file) => OpenFile(path, 0, out file);

    /// <summary>Opens a file, typically a terminal, for reading and writing.</summary>
    public static Errno OpenForBoth(string path, out Descriptor file) => OpenFile(path, O_RDWR, out file);

    /// <summary>
    /// Opens the terminal of a descriptor again, for writing without blocking; the number is -1 if it is not a terminal, or cannot be
    /// opened again. Unlike a pipe, a terminal that can be written may have room for a single byte, and its flags are shared with other
    /// programs.
    /// </summary>
    public static Descriptor ReopenTerminal(int descriptor)
    {
        const int O_WRONLY = 1, TCGETS = 0x5401, sizeOfTermios = 64;
        var settings = stackalloc byte[sizeOfTermios];
        if (IoCtl(descriptor, TCGETS, settings) != 0)
            return new(-1);
        _ = OpenFile(
            string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}"), O_WRONLY | O_NONBLOCK, out var terminal);
        return terminal;
    }

    private static Errno OpenFile(string path, int access, out Descriptor file)
    {
        int number;
        do
            number = Open(path, access | O_CLOEXEC | O_NOCTTY);
        while (number < 0 && Errno.Last.Code == LibC.EINTR);
        file = new Descriptor(number);
        return Errno.From(number);
    }

    /// <summary>Sets whether reads and writes of this open file block or fail with EAGAIN, for all its holders.</summary>
    public Errno SetWaiting(bool waits) => Errno.From(FCntl(Number, F_SETFL, waits ? 0 : O_NONBLOCK));

    /// <summary>Seeks to the first byte; ESPIPE if that is impossible (a pipe).</summary>
    public Errno Rewind() => Seek(Number, 0, 0) < 0 ? Errno.Last : Errno.None;

    /// <inheritdoc />
    public void Dispose()
    {
        if (Number >= 0)
            _ = LibC.Close(Number);
        Number = -1;
    }

    private delegate int PairCall(int* ends);

    private static Errno Two(PairCall call, out Descriptor first, out Descriptor second)
    {
        var ends = stackalloc int[2];
        var error = Errno.From(call(ends));
        first = new Descriptor(error.Ok ? ends[0] : -1);
        second = new Descriptor(error.Ok ? ends[1] : -1);
        return error;
    }

    [LibraryImport(LibC.Name, EntryPoint = "pipe2", SetLastError = true)]
    private static partial int PipeCall(int* ends, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPairCall(int domain, int type, int protocol, int* ends);

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FCntl(int fd, int command, nint argument);

    [LibraryImport(LibC.Name, EntryPoint = "ioctl")]
    private static partial int IoCtl(int fd, nuint request, void* argument);

    [LibraryImport(LibC.Name, EntryPoint = "lseek", SetLastError = true)]
    private static partial nint Seek(int fd, nint offset, int from);
}
