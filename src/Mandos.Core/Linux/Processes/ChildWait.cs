using System.Runtime.InteropServices;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Linux.Processes;

/// <summary>Waits for the end of a child, through its pidfd (pidfd_open(2)) if the kernel supports it.</summary>
internal static unsafe partial class ChildWait
{
    private const int WNOHANG = 1;
    private const nint SYS_pidfd_open = 434;

    /// <summary>
    /// Returns a descriptor that becomes readable when the process ends, close-on-exec; -1 without pidfd (a kernel before 5.3, a strict
    /// container).
    /// </summary>
    internal static int Open(int pid) => (int)SysCall(SYS_pidfd_open, pid, 0);

    /// <summary>Completes when the child has ended; it is not reaped, so its process ID and group remain its own.</summary>
    internal static Task UntilEndedAsync(int pid, int pidDescriptor, CancellationToken cancellationToken) =>
        Readiness.WaitAsync(pidDescriptor, () => HasEnded(pid), cancellationToken);

    /// <summary>Reaps the child if it has ended. ECHILD if it was already reaped.</summary>
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

    /// <summary>Checks without reaping (waitid(2) with WNOWAIT).</summary>
    private static bool HasEnded(int pid)
    {
        const int byPid = 1, exited = 4, leaveIt = 0x1000000;
        var info = stackalloc int[32];
        new Span<int>(info, 32).Clear();
        // si_pid, at byte 16 after the padding on 64-bit, stays 0 while the child runs.
        return WaitId(byPid, pid, info, exited | leaveIt | WNOHANG) != 0 || info[4] != 0;
    }

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SysCall(nint number, nint first, nint second);

    [LibraryImport(LibC.Name, EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int pid, int* status, int options);

    [LibraryImport(LibC.Name, EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int type, int id, void* info, int options);
}
