using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Files;

/// <summary>Finds the executable of this process, even if /proc is not mounted.</summary>
public static partial class OwnExecutable
{
    private const nuint AT_SECURE = 23;
    private const nuint AT_EXECFN = 31;

    /// <summary>
    /// Paths to try in order. /proc/self/exe is the file itself, but it may be missing, and an unprivileged process that forbade its dumps
    /// cannot access it. The name given to execve(2) can be replaced by the owner of its directory, so a program with more privileges than
    /// its user (set-user-ID) must not execute it.
    /// </summary>
    public static IReadOnlyList<string> Paths()
    {
        var given = Marshal.PtrToStringUTF8((nint)GetAuxiliaryValue(AT_EXECFN));
        var trusted = GetAuxiliaryValue(AT_SECURE) == 0;
        return given is not null && trusted ? ["/proc/self/exe", given] : ["/proc/self/exe"];
    }

    [LibraryImport(LibC.Name, EntryPoint = "getauxval")]
    private static partial nuint GetAuxiliaryValue(nuint type);
}
