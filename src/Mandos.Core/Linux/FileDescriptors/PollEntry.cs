using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>A descriptor to wait for, and its state (poll(2)). A negative one is ignored.</summary>
[StructLayout(LayoutKind.Sequential)]
public partial struct PollEntry
{
    /// <summary>There is data to read, or the end.</summary>
    public const short Readable = 1;

    /// <summary>Data can be written; to a pipe at least 4,096 bytes without blocking.</summary>
    public const short Writable = 4;

    /// <summary>The number of the descriptor.</summary>
    public int Descriptor;

    /// <summary>The events to wait for; errors and hang-ups always end a wait.</summary>
    public short Events;

    /// <summary>The events that occurred; 0 for none.</summary>
    public short Returned;

    /// <summary>
    /// Waits until one of the descriptors has an event; false after the time limit (-1 milliseconds for none). Signals do not end the wait:
    /// those of children, of the terminal and of the runtime can arrive on any thread.
    /// </summary>
    internal static unsafe bool Wait(Span<PollEntry> entries, int milliseconds)
    {
        var start = Stopwatch.GetTimestamp();
        var left = milliseconds;
        fixed (PollEntry* first = entries)
        {
            while (true)
            {
                var ready = Poll(first, (nuint)entries.Length, left);
                if (ready >= 0 || Errno.Last.Code != LibC.EINTR)
                    return ready > 0;
                if (milliseconds > 0)
                    left = Math.Max(0, milliseconds - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int Poll(PollEntry* entries, nuint count, int milliseconds);
}
