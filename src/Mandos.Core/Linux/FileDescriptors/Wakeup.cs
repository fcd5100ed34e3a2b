using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>Waits for descriptors in the caller's own loop, and is woken by other threads (poll(2), eventfd(2)).</summary>
public sealed unsafe partial class Wakeup : IDisposable
{
    private const int EFD_CLOEXEC = 0x80000;
    private const int EFD_NONBLOCK = 0x800;

    private readonly Lock _gate = new();
    private int _event;

    /// <exception cref="InvalidOperationException">The system has no descriptors left.</exception>
    public Wakeup()
    {
        _event = EventFd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (_event < 0)
            throw new InvalidOperationException($"eventfd: {Errno.Last}");
    }

    /// <summary>
    /// Returns when the descriptor has one of <paramref name="events"/> (POLLIN…), when it was woken since the last return, or after the
    /// time limit; -1 milliseconds for none.
    /// </summary>
    public void Wait(int descriptor, short events, int milliseconds) =>
        Wait([default, new PollEntry { Descriptor = descriptor, Events = events }], milliseconds);

    /// <summary>Waits for several descriptors; the first entry is reserved for the wakeup itself.</summary>
    public void Wait(Span<PollEntry> entries, int milliseconds)
    {
        foreach (ref var entry in entries)
            entry.Returned = 0;
        entries[0] = new PollEntry { Descriptor = _event, Events = PollEntry.Readable };
        if (PollEntry.Wait(entries, milliseconds) && entries[0].Returned != 0)
        {
            ulong count;
            _ = Read(_event, &count, sizeof(ulong));
        }
    }

    /// <summary>Ends the current or the next wait. Thread-safe, also after disposal.</summary>
    public void Wake()
    {
        ulong one = 1;
        lock (_gate)
        {
            if (_event >= 0)
                _ = Write(_event, &one, sizeof(ulong));
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            if (_event >= 0)
                _ = LibC.Close(_event);
            _event = -1;
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int fd, void* buffer, nuint count);

    [LibraryImport(LibC.Name, EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int fd, void* buffer, nuint count);
}
