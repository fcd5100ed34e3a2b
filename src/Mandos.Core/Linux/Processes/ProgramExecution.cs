using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>Executes another program in place of this one (execv(3)).</summary>
public static unsafe partial class ProgramExecution
{
    /// <summary>
    /// Executes a file with these arguments, the program's own name first, and the unchanged environment of this process. Returns only on
    /// failure.
    /// </summary>
    public static Errno Execute(string path, IReadOnlyList<string> arguments)
    {
        SignalDisposition.RestoreBrokenPipes();
        using var native = new NativeStrings(arguments);
        return Errno.From(ExecV(path, native.Pointers));
    }

    [LibraryImport(LibC.Name, EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ExecV(string path, byte** arguments);
}
