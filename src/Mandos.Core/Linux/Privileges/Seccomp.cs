using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Privileges;

/// <summary>Applies a system call filter (seccomp(2)).</summary>
public static unsafe partial class Seccomp
{
    private const nint SYS_seccomp_x64 = 317;
    private const nint SYS_seccomp_arm64 = 277;
    private const nuint SECCOMP_SET_MODE_FILTER = 1;
    private const int PR_SET_SECCOMP = 22;
    private const nuint SECCOMP_MODE_FILTER = 2;
    private const nuint SECCOMP_FILTER_FLAG_TSYNC = 1;

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public FilterInstruction* Instructions;
    }

    /// <summary>
    /// Applies a filter to all threads of the process (TSYNC, which sets no_new_privs for them too). Needs no_new_privs in the calling
    /// thread. Irreversible.
    /// </summary>
    public static Errno Apply(FilterInstruction[] program)
    {
        fixed (FilterInstruction* instructions = program)
        {
            var filter = new Program { Length = checked((ushort)program.Length), Instructions = instructions };
            var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SYS_seccomp_arm64 : SYS_seccomp_x64;
            // A positive result is the ID of a thread that could not be synchronized.
            var result = SysCall(number, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
            const int EAGAIN = LibC.EAGAIN;
            return result switch
            {
                0 => Errno.None,
                > 0 => new Errno(EAGAIN),
                _ => Errno.Last,
            };
        }
    }

    /// <summary>
    /// Applies a filter to the calling thread and the programs that it starts. Needs no_new_privs. Uses prctl(2), which the sandbox of the
    /// server's unit allows.
    /// </summary>
    public static Errno ApplyToThread(FilterInstruction[] program)
    {
        fixed (FilterInstruction* instructions = program)
        {
            var filter = new Program { Length = checked((ushort)program.Length), Instructions = instructions };
            return Control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0 ? Errno.None : Errno.Last;
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int operation, nuint mode, void* filter, nuint unused, nuint alsoUnused);

    [LibraryImport(LibC.Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SysCall(nint number, nuint operation, nuint flags, void* arguments);
}
