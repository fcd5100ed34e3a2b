using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>
/// A terminal without echo, until disposal or until a signal ends the program; both restore it (termios(3)). The echo stays off when a
/// stopped program continues.
/// </summary>
public sealed unsafe partial class TerminalEcho : IDisposable
{
    // Immediately: otherwise a terminal whose output is stopped would block this, even in a signal handler.
    private const int TCSANOW = 0;
    private const int TCIFLUSH = 0;
    private const uint ECHO = 0x8, ECHONL = 0x40;
    private const int LocalFlags = 12, Size = 60;

    private static readonly (PosixSignal Signal, int Number)[] Fatal =
        [(PosixSignal.SIGINT, Signals.Int), (PosixSignal.SIGTERM, Signals.Term), (PosixSignal.SIGHUP, Signals.Hup),
            (PosixSignal.SIGQUIT, Signals.Quit)];

    private readonly Lock _lock = new();
    private readonly int _fd;
    private readonly bool _discardInput;
    private readonly byte[] _before;
    private readonly PosixSignalRegistration?[] _signals = new PosixSignalRegistration?[Fatal.Length + 1];
    private bool _over;

    private TerminalEcho(int fd, bool discardInput, byte[] before, Action? onSignal)
    {
        _fd = fd;
        _discardInput = discardInput;
        _before = before;
        for (var i = 0; i < Fatal.Length; i++)
        {
            if (SignalDisposition.IsIgnored(Fatal[i].Number))
                continue;
            // The signal is not cancelled: afterwards it ends the program, as it would have without us.
            _signals[i] = PosixSignalRegistration.Create(Fatal[i].Signal, _ =>
            {
                Restore();
                onSignal?.Invoke();
            });
        }

        // A shell may have turned the echo on while the program was stopped; and the runtime restores the initial settings unless the
        // signal is cancelled.
        _signals[^1] = PosixSignalRegistration.Create(PosixSignal.SIGCONT, context =>
        {
            context.Cancel = true;
            _ = Silence();
        });
    }

    /// <summary>Whether the descriptor is a terminal (isatty(3)).</summary>
    public static bool IsTerminal(int fd) => IsATty(fd) == 1;

    /// <summary>Turns off the echo of a terminal; null if the descriptor is not a terminal.</summary>
    public static TerminalEcho? Stop(int fd) => Stop(fd, discardInput: false, onSignal: null, out _);

    /// <summary>Turns off the echo of a terminal; null, with the reason, if that fails.</summary>
    /// <param name="fd">The terminal.</param>
    /// <param name="discardInput">Whether to discard unread input at the start and at the end, so that no other program gets part of a
    /// password.</param>
    /// <param name="onSignal">Called when a signal is about to end the program, after the terminal has been restored.</param>
    /// <param name="error">ENOTTY or EBADF if the descriptor is not a terminal.</param>
    public static TerminalEcho? Stop(int fd, bool discardInput, Action? onSignal, out Errno error)
    {
        // struct termios of Linux: four 32-bit flag words (input, output, control, local); the rest is only passed back.
        var before = new byte[Size];
        fixed (byte* settings = before)
        {
            error = Errno.From(TcGetAttr(fd, settings));
            if (!error.Ok)
                return null;
        }

        var echo = new TerminalEcho(fd, discardInput, before, onSignal);
        error = echo.Silence();
        if (error.Ok)
            return echo;
        echo.Dispose();
        return null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Restore();
        foreach (var signal in _signals)
            signal?.Dispose();
    }

    // Turns off the echo, unless a signal came first and has already restored the terminal.
    private Errno Silence()
    {
        lock (_lock)
        {
            if (_over)
                return Errno.None;
            var quiet = (byte[])_before.Clone();
            fixed (byte* settings = quiet)
            {
                *(uint*)(settings + LocalFlags) &= ~(ECHO | ECHONL);
                return Set(settings);
            }
        }
    }

    private void Restore()
    {
        lock (_lock)
        {
            if (_over)
                return;
            _over = true;
            fixed (byte* settings = _before)
                _ = Set(settings);
        }
    }

    private Errno Set(byte* settings)
    {
        if (_discardInput)
            _ = TcFlush(_fd, TCIFLUSH);
        return Errno.From(TcSetAttr(_fd, TCSANOW, settings));
    }

    [LibraryImport(LibC.Name, EntryPoint = "isatty")]
    private static partial int IsATty(int fd);

    [LibraryImport(LibC.Name, EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int TcGetAttr(int fd, byte* settings);

    [LibraryImport(LibC.Name, EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int TcSetAttr(int fd, int when, byte* settings);

    [LibraryImport(LibC.Name, EntryPoint = "tcflush", SetLastError = true)]
    private static partial int TcFlush(int fd, int queue);
}
