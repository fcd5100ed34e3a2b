using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>Whether another process exists.</summary>
public static partial class ProcessPresence
{
    private const int ESRCH = 3;

    /// <summary>Whether a process with this ID exists, regardless of its owner (kill(2) with signal 0).</summary>
    public static bool IsThere(int pid) => pid > 0 && (Kill(pid, 0) == 0 || Errno.Last.Code != ESRCH);

    [LibraryImport(LibC.Name, EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
