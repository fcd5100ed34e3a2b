using System.Runtime.InteropServices;

namespace Mandos.Monitor.Device;

/// <summary>The settings of a terminal (termios(3)).</summary>
internal sealed unsafe partial class TerminalSettings
{
    private const int TCSANOW = 0;

    // struct termios of Linux: four 32-bit flag words, the line discipline in a byte, the control characters.
    private const int InputFlags = 0, LocalFlags = 12, Characters = 17, Size = 60;
    private const int VTIME = 5, VMIN = 6;
    private const uint BRKINT = 0x2, PARMRK = 0x8, ISTRIP = 0x20, INLCR = 0x40, IGNCR = 0x80, ICRNL = 0x100;
    private const uint ISIG = 0x1, ICANON = 0x2, ECHO = 0x8, IEXTEN = 0x8000;

    private readonly byte[] _values;

    private TerminalSettings(byte[] values) => _values = values;

    /// <summary>The settings now; null if the descriptor is not a terminal.</summary>
    internal static TerminalSettings? Of(int fd)
    {
        var values = new byte[Size];
        fixed (byte* pointer = values)
            return TcGetAttr(fd, pointer) == 0 ? new(values) : null;
    }

    /// <summary>
    /// The same with every key passed on as it is, those that send signals included. Flow control stays: a serial console may need it.
    /// </summary>
    internal TerminalSettings Raw()
    {
        var values = (byte[])_values.Clone();
        fixed (byte* pointer = values)
        {
            *(uint*)(pointer + InputFlags) &= ~(BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL);
            *(uint*)(pointer + LocalFlags) &= ~(ISIG | ICANON | ECHO | IEXTEN);
            pointer[Characters + VMIN] = 1;
            pointer[Characters + VTIME] = 0;
        }

        return new(values);
    }

    /// <summary>Makes them those of a terminal; what is still to be sent or read stays.</summary>
    internal void Apply(int fd)
    {
        fixed (byte* pointer = _values)
            _ = TcSetAttr(fd, TCSANOW, pointer);
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int TcGetAttr(int fd, byte* settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int TcSetAttr(int fd, int when, byte* settings);
}
