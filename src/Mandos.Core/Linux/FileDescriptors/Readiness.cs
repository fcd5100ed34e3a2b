using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>Waits for an event of a descriptor on a thread of its own, until cancelled (poll(2)).</summary>
internal static unsafe partial class Readiness
{
    private const int EFD_CLOEXEC = 0x80000;

    // The polling interval if there is no descriptor to wait for.
    private const int FallbackMilliseconds = 20;

    /// <summary>
    /// Completes when the descriptor has data or is at its end, or when <paramref name="otherwise"/> returns true, which is polled if the
    /// descriptor is negative. Reads nothing.
    /// </summary>
    internal static Task WaitAsync(int descriptor, Func<bool> otherwise, CancellationToken cancellationToken)
    {
        var wake = EventFd(0, EFD_CLOEXEC);
        if (wake < 0)
            throw new InvalidOperationException($"eventfd: {Errno.Last}");
        return BlockingTask.Run(() =>
        {
            try
            {
                using var registration = cancellationToken.UnsafeRegister(static descriptor => Wake((int)descriptor!), wake);
                while (!Poll(descriptor, wake) && !otherwise())
                    cancellationToken.ThrowIfCancellationRequested();
            }
            finally
            {
                _ = LibC.Close(wake);
            }
        });
    }

    private static bool Poll(int descriptor, int wake)
    {
        Span<PollEntry> entries =
        [
            new PollEntry { Descriptor = wake, Events = PollEntry.Readable },
            new PollEntry { Descriptor = descriptor, Events = PollEntry.Readable },
        ];
        return PollEntry.Wait(entries, descriptor < 0 ? FallbackMilliseconds : -1) && entries[1].Returned != 0;
    }

    private static void Wake(int descriptor)
    {
        ulong one = 1;
        _ = Write(descriptor, &one, sizeof(ulong));
    }

    [LibraryImport(LibC.Name, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int fd, void* buffer, nuint count);
}

/// <summary>
/// Waits for descriptors on behalf of many callers. An interface, so that programs with few waits need not link the implementation.
/// </summary>
public interface IReadinessWatch
{
    /// <summary>Completes when the descriptor has data or is at its end; reads nothing. Only one wait per descriptor at a time.</summary>
    /// <exception cref="InvalidOperationException">A wait on the descriptor is not possible (EBADF, EEXIST, ENOSPC…).</exception>
    Task WaitAsync(int descriptor, CancellationToken cancellationToken);
}
