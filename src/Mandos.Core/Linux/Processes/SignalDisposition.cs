using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>The disposition of a signal (sigaction(2)).</summary>
public static unsafe partial class SignalDisposition
{
    private const int SIG_UNBLOCK = 1;
    private const nint Ignore = 1;

    // Larger than that of any C library; the handler is the first field.
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct SignalAction { public nint Handler; }

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct SignalSet { private readonly nint _align; }

    /// <summary>Whether the parent process made this program ignore the signal (nohup(1)).</summary>
    public static bool IsIgnored(int signal)
    {
        SignalAction action = default;
        return SigAction(signal, null, &action) == 0 && action.Handler == Ignore;
    }

    /// <summary>
    /// Restores the default. The runtime installs no handler for a signal that the parent process made this program ignore.
    /// </summary>
    public static void RestoreDefault(int signal)
    {
        SignalAction action = default;
        _ = SigAction(signal, &action, null);
    }

    /// <summary>Makes a write to a closed pipe fail with EPIPE instead of killing the process.</summary>
    public static void IgnoreBrokenPipes()
    {
        var action = new SignalAction { Handler = Ignore };
        _ = SigAction(Signals.Pipe, &action, null);
    }

    /// <summary>
    /// Restores the default of SIGPIPE before another program is executed in this process, which would inherit that the runtime ignores it.
    /// </summary>
    public static void RestoreBrokenPipes() => RestoreDefault(Signals.Pipe);

    /// <summary>Kills this process with the signal. Returns only if the signal's default is not to terminate.</summary>
    public static void DieOf(int signal)
    {
        SignalAction action = default;
        _ = SigAction(signal, &action, null);
        SignalSet set = default;
        _ = SigAddSet(&set, signal);
        _ = SigMask(SIG_UNBLOCK, &set, null);
        _ = Kill(LibC.GetPid(), signal);
    }

    [LibraryImport(LibC.Name, EntryPoint = "sigaction")]
    private static partial int SigAction(int signal, SignalAction* action, SignalAction* previous);

    [LibraryImport(LibC.Name, EntryPoint = "sigaddset")]
    private static partial int SigAddSet(SignalSet* set, int signal);

    [LibraryImport(LibC.Name, EntryPoint = "pthread_sigmask")]
    private static partial int SigMask(int how, SignalSet* set, SignalSet* previous);

    [LibraryImport(LibC.Name, EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
