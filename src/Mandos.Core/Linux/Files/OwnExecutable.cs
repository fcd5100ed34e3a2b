using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Files;

/// <summary>Finds the file that this process was started from, also where no /proc is mounted.</summary>
public static partial class OwnExecutable
{
    private const nuint AT_SECURE = 23;
    private const nuint AT_EXECFN = 31;

    /// <summary>
    /// Paths to try in turn. /proc/self/exe is the very file; it may be missing, and closed to a process without privileges
    /// that forbade its dumps. The name given to execve(2) can be replaced by the owner of its directory, so a program that is
    /// more privileged than its user (set-uid) must not run it.
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
