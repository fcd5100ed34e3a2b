using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>A descriptor to wait for, and its state (poll(2)). A negative one is ignored.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollEntry
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
}
