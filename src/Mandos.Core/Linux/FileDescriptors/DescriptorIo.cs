using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>
/// Reads and writes by descriptor number, directly from and to the caller's memory, without a buffer that could keep a secret.
/// </summary>
public static unsafe partial class DescriptorIo
{
    // A pipe that is writable accepts at least this many bytes (PIPE_BUF of Linux). A terminal is opened again, without blocking.
    private const int PromisedRoom = 4096;

    // How soon a writer that waits for its reader notices that it should stop.
    private const int AttentionMilliseconds = 100;

    /// <summary>
    /// Reads, and waits if there is nothing; 0 bytes mean the end. It also waits if the descriptor is non-blocking: the flag belongs to the
    /// open file, and any program that shares it, such as the console, can set it.
    /// </summary>
    public static Errno Read(int descriptor, Span<byte> into, out int count)
    {
        Errno error;
        while ((error = TryRead(descriptor, into, out count)).Code == LibC.EAGAIN)
            _ = WaitUntilReadable(descriptor, -1);
        return error;
    }

    /// <summary>Reads; EAGAIN if the descriptor is non-blocking and there is nothing.</summary>
    public static Errno TryRead(int descriptor, Span<byte> into, out int count)
    {
        fixed (byte* start = into)
        {
            nint result;
            do
                result = ReadCall(descriptor, start, (nuint)into.Length);
            while (result < 0 && Errno.Last.Code == LibC.EINTR);
            count = (int)Math.Max(result, 0);
            return result < 0 ? Errno.Last : Errno.None;
        }
    }

    /// <summary>
    /// Writes all bytes, and waits for a slow reader. After an error <paramref name="written"/> is the number of bytes written before it.
    /// </summary>
    public static Errno WriteAll(int descriptor, ReadOnlySpan<byte> bytes, out int written)
    {
        written = 0;
        fixed (byte* start = bytes)
        {
            while (written < bytes.Length)
            {
                var result = WriteCall(descriptor, start + written, (nuint)(bytes.Length - written));
                if (result >= 0)
                    written += (int)result;
                else if (Errno.Last.Code == LibC.EAGAIN)
                    WaitUntilWritable(descriptor);
                else if (Errno.Last.Code != LibC.EINTR)
                    return Errno.Last;
            }
        }

        return Errno.None;
    }

    /// <summary>
    /// Writes all bytes, and waits for a slow reader only until stopped (ECANCELED), or until the reader has read nothing for
    /// <paramref name="milliseconds"/>(EAGAIN; -1 for no limit). The descriptor may be shared with others: its flags are not changed.
    /// </summary>
    public static Errno WriteAll(
        int descriptor, ReadOnlySpan<byte> bytes, int milliseconds, CancellationToken cancellationToken, out int written)
    {
        written = 0;
        var waited = 0;
        using var terminal = Descriptor.ReopenTerminal(descriptor);
        if (terminal.Number >= 0)
            descriptor = terminal.Number;
        while (written < bytes.Length)
        {
            if (cancellationToken.IsCancellationRequested)
                return new Errno(LibC.ECANCELED);
            var pause = milliseconds < 0 ? AttentionMilliseconds : Math.Min(AttentionMilliseconds, milliseconds - waited);
            if (IsReady(descriptor, PollEntry.Writable, pause))
            {
                var error = Write(descriptor, bytes[written..Math.Min(bytes.Length, written + PromisedRoom)], out var count);
                if (!error.Ok && error.Code is not (LibC.EAGAIN or LibC.EINTR))
                    return error;
                written += count;
                if (count > 0)
                {
                    waited = 0;
                    continue;
                }

                // A terminal with room for one byte does not take a line end, which becomes two.
                Thread.Sleep(pause);
            }

            waited += pause;
            if (milliseconds >= 0 && waited >= milliseconds)
                return new Errno(LibC.EAGAIN);
        }

        return Errno.None;
    }

    /// <summary>Writes as much as one call can write (write(2)).</summary>
    public static Errno Write(int descriptor, ReadOnlySpan<byte> bytes, out int count)
    {
        fixed (byte* start = bytes)
        {
            var result = WriteCall(descriptor, start, (nuint)bytes.Length);
            count = (int)Math.Max(result, 0);
            return result < 0 ? Errno.Last : Errno.None;
        }
    }

    /// <summary>True as soon as there is data or the end; false if there is neither within the time limit.</summary>
    public static bool WaitUntilReadable(int descriptor, int milliseconds) => IsReady(descriptor, PollEntry.Readable, milliseconds);

    private static void WaitUntilWritable(int descriptor) => _ = IsReady(descriptor, PollEntry.Writable, -1);

    private static bool IsReady(int descriptor, short events, int milliseconds)
    {
        Span<PollEntry> entries = [new PollEntry { Descriptor = descriptor, Events = events }];
        return PollEntry.Wait(entries, milliseconds);
    }

    [LibraryImport(LibC.Name, EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadCall(int fd, byte* buffer, nuint count);

    [LibraryImport(LibC.Name, EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteCall(int fd, byte* buffer, nuint count);
}
