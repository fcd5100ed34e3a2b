using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>The level below which messages of the kernel appear on the console (klogctl(3)).</summary>
public static unsafe partial class KernelLog
{
    private const int SYSLOG_ACTION_CONSOLE_LEVEL = 8;

    /// <summary>Sets the level, 1 to 8. EPERM without CAP_SYSLOG.</summary>
    public static Errno SetConsoleLevel(int level) => Errno.From(KLogCtl(SYSLOG_ACTION_CONSOLE_LEVEL, null, level));

    [LibraryImport(LibC.Name, EntryPoint = "klogctl", SetLastError = true)]
    private static partial int KLogCtl(int action, byte* buffer, int length);
}
