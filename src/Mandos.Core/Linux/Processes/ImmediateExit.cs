using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>Exits this process (_exit(2)).</summary>
public static partial class ImmediateExit
{
    /// <summary>Exits immediately, without any cleanup.</summary>
    public static void Now(int exitCode) => Exit(exitCode);

    [LibraryImport(LibC.Name, EntryPoint = "_exit")]
    private static partial void Exit(int exitCode);
}
