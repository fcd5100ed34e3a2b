using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>One descriptor to wait for, and what it is ready for (poll(2)). A negative one is passed over.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollEntry
{
    /// <summary>There is something to read, or the end.</summary>
    public const short Readable = 1;

    /// <summary>Something can be written; to a pipe at least 4,096 bytes without waiting.</summary>
    public const short Writable = 4;

    /// <summary>Its number.</summary>
    public int Descriptor;

    /// <summary>What to wait for; errors and hang-ups always end a wait.</summary>
    public short Events;

    /// <summary>What it is ready for, or what is wrong with it; 0: nothing happened.</summary>
    public short Returned;
}
