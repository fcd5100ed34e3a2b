using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>The size of a terminal (ioctl_tty(2)).</summary>
public static unsafe partial class TerminalSize
{
    private const nuint TIOCGWINSZ = 0x5413;

    /// <summary>A terminal that does not know its size, such as a serial console, is assumed to have this one.</summary>
    private const int UsualColumns = 80, UsualRows = 24;

    /// <summary>Returns the size in characters; null if the descriptor is not a terminal.</summary>
    public static (int Columns, int Rows)? Of(int fd)
    {
        // struct winsize: rows, columns, and two unused numbers.
        var size = stackalloc ushort[4];
        if (IoCtl(fd, TIOCGWINSZ, size) != 0)
            return null;
        return (size[1] == 0 ? UsualColumns : size[1], size[0] == 0 ? UsualRows : size[0]);
    }

    [LibraryImport(LibC.Name, EntryPoint = "ioctl")]
    private static partial int IoCtl(int fd, nuint request, ushort* argument);
}
