using System.Runtime.InteropServices;
using Mandos.Core.Secrets;

namespace Mandos.Core.Linux;

/// <summary>Reading and writing by descriptor number, straight from and to the caller's memory: no buffer in between that could keep a secret.</summary>
public static unsafe partial class DescriptorIo
{
    private const short POLLIN = 1;
    private const short POLLOUT = 4;

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>Waits for bytes; 0 bytes mean the end.</summary>
    public static Errno Read(int descriptor, Span<byte> into, out int count)
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
    /// Writes all bytes, waiting where the reader is slow. After an error <paramref name="written"/> tells how many bytes
    /// went out before it.
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
    /// Reads to the end into locked memory. Null if there is more than <paramref name="limit"/> bytes or reading failed
    /// (<paramref name="error"/> tells); the caller owns the buffer.
    /// </summary>
    public static SecretBuffer? ReadToEnd(int descriptor, int limit, out Errno error)
    {
        var buffer = new SecretBuffer(Math.Min(limit, 16 * 1024));
        while (true)
        {
            if (buffer.Free.IsEmpty)
                buffer = Grown(buffer);
            error = Read(descriptor, buffer.Free, out var count);
            if (!error.Ok || buffer.Length + count > limit)
            {
                buffer.Dispose();
                return null;
            }

            if (count == 0)
                return buffer;
            buffer.Advance(count);
        }
    }

    private static SecretBuffer Grown(SecretBuffer buffer)
    {
        using (buffer)
        {
            var larger = new SecretBuffer(buffer.Capacity * 2);
            larger.Append(buffer.Span);
            return larger;
        }
    }

    /// <summary>True as soon as there is something to read or the end; false if there is neither within the time.</summary>
    public static bool WaitUntilReadable(int descriptor, int milliseconds)
    {
        var entry = new PollEntry { Descriptor = descriptor, Events = POLLIN };
        return Poll(&entry, 1, milliseconds) != 0;
    }

    private static void WaitUntilWritable(int descriptor)
    {
        var entry = new PollEntry { Descriptor = descriptor, Events = POLLOUT };
        _ = Poll(&entry, 1, -1);
    }

    [LibraryImport(LibC.Name, EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadCall(int fd, byte* buffer, nuint count);

    [LibraryImport(LibC.Name, EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteCall(int fd, byte* buffer, nuint count);

    [LibraryImport(LibC.Name, EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int milliseconds);
}
