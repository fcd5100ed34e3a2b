using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>Ends this process (_exit(2)).</summary>
public static partial class ImmediateExit
{
    /// <summary>At once, without anything that is left to do.</summary>
    public static void Now(int exitCode) => Exit(exitCode);

    [LibraryImport(LibC.Name, EntryPoint = "_exit")]
    private static partial void Exit(int exitCode);
}
