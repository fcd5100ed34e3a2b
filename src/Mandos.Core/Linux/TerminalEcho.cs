using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>
/// A terminal that does not show what is typed, until disposal or until a signal ends the program: then it is as it was
/// (termios(3)).
/// </summary>
public sealed unsafe partial class TerminalEcho : IDisposable
{
    private const int TCSADRAIN = 1;
    private const uint ECHO = 0x8, ECHONL = 0x40;
    private const int LocalFlags = 12, Size = 60;

    private static readonly PosixSignal[] Fatal = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly int _fd;
    private readonly byte[] _before;
    private readonly PosixSignalRegistration[] _signals;

    private TerminalEcho(int fd, byte[] before)
    {
        _fd = fd;
        _before = before;
        // The signal is not cancelled: after this it ends the program, as it would have without us.
        _signals = new PosixSignalRegistration[Fatal.Length];
        for (var i = 0; i < Fatal.Length; i++)
            _signals[i] = PosixSignalRegistration.Create(Fatal[i], _ => Restore());
    }

    /// <summary>True if the descriptor is a terminal (isatty(3)).</summary>
    public static bool IsTerminal(int fd) => IsATty(fd) == 1;

    /// <summary>Stops the echo of a terminal; null if the descriptor is none.</summary>
    public static TerminalEcho? Stop(int fd)
    {
        // struct termios of Linux: four 32-bit flag words (input, output, control, local), the rest is only handed back.
        var before = new byte[Size];
        fixed (byte* settings = before)
        {
            if (TcGetAttr(fd, settings) != 0)
                return null;
        }

        var echo = new TerminalEcho(fd, before);
        var quiet = (byte[])before.Clone();
        fixed (byte* settings = quiet)
        {
            *(uint*)(settings + LocalFlags) &= ~(ECHO | ECHONL);
            _ = TcSetAttr(fd, TCSADRAIN, settings);
        }

        return echo;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Restore();
        foreach (var signal in _signals)
            signal.Dispose();
    }

    private void Restore()
    {
        fixed (byte* settings = _before)
            _ = TcSetAttr(_fd, TCSADRAIN, settings);
    }

    [LibraryImport(LibC.Name, EntryPoint = "isatty")]
    private static partial int IsATty(int fd);

    [LibraryImport(LibC.Name, EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int TcGetAttr(int fd, byte* settings);

    [LibraryImport(LibC.Name, EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int TcSetAttr(int fd, int when, byte* settings);
}
