using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>Whether another process is there.</summary>
public static partial class ProcessPresence
{
    private const int ESRCH = 3;

    /// <summary>True if there is a process of this number, whoever owns it (kill(2) with signal 0).</summary>
    public static bool IsThere(int pid) => pid > 0 && (Kill(pid, 0) == 0 || Errno.Last.Code != ESRCH);

    [LibraryImport(LibC.Name, EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
