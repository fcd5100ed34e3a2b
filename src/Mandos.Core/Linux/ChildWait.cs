using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>Waits on a thread of its own for the end of a child, by its pidfd (pidfd_open(2)), until cancelled.</summary>
internal static unsafe partial class ChildWait
{
    private const int WNOHANG = 1;
    private const short POLLIN = 1;
    private const int EFD_CLOEXEC = 0x80000;
    private const nint SYS_pidfd_open = 434;

    // Without pidfd (a kernel before 5.3, a strict container) the state is looked at this often.
    private const int FallbackMilliseconds = 20;

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>A descriptor that becomes readable when the process ends, close-on-exec; -1 if the kernel has none.</summary>
    internal static int Open(int pid) => (int)SysCall(SYS_pidfd_open, pid, 0);

    /// <summary>Completes when the child has ended; it is not reaped, so its number and group stay its own.</summary>
    internal static Task UntilEndedAsync(int pid, int pidDescriptor, CancellationToken cancellationToken)
    {
        var wake = EventFd(0, EFD_CLOEXEC);
        if (wake < 0)
            throw new InvalidOperationException($"eventfd: {Errno.Last}");
        return Task.Factory.StartNew(() =>
        {
            try
            {
                using var registration = cancellationToken.UnsafeRegister(static descriptor => Wake((int)descriptor!), wake);
                while (!Poll(pidDescriptor, wake) && !HasEnded(pid))
                    cancellationToken.ThrowIfCancellationRequested();
            }
            finally
            {
                _ = LibC.Close(wake);
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Takes the exit status if the child has ended. ECHILD if somebody else took it.</summary>
    internal static Errno TryReap(int pid, out ChildExit? exit)
    {
        int status;
        int result;
        do
            result = WaitPid(pid, &status, WNOHANG);
        while (result < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR);
        exit = result == pid ? ChildExit.FromWaitStatus(status) : null;
        return Errno.From(result);
    }

    private static bool Poll(int pidDescriptor, int wake)
    {
        var entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { Descriptor = wake, Events = POLLIN };
        entries[1] = new PollEntry { Descriptor = pidDescriptor, Events = POLLIN };
        var ready = PollCall(entries, 2, pidDescriptor < 0 ? FallbackMilliseconds : -1);
        return ready > 0 && entries[1].Returned != 0;
    }

    /// <summary>Looks without reaping (waitid(2) with WNOWAIT).</summary>
    private static bool HasEnded(int pid)
    {
        const int byPid = 1, exited = 4, leaveIt = 0x1000000;
        var info = stackalloc int[32];
        new Span<int>(info, 32).Clear();
        // si_pid, at byte 16 after the padding on 64-bit, stays 0 while the child runs.
        return WaitId(byPid, pid, info, exited | leaveIt | WNOHANG) != 0 || info[4] != 0;
    }

    private static void Wake(int descriptor)
    {
        ulong one = 1;
        _ = Write(descriptor, &one, sizeof(ulong));
    }

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SysCall(nint number, nint first, nint second);

    [LibraryImport(LibC.Name, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "poll", SetLastError = true)]
    private static partial int PollCall(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport(LibC.Name, EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport(LibC.Name, EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int type, int id, void* info, int options);

    [LibraryImport(LibC.Name, EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int fd, void* buffer, nuint count);
}
