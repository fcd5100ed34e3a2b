using System.Runtime.InteropServices;
using System.Text;

namespace Mandos.Core.Linux.Files;

/// <summary>What a symbolic link points to (readlink(2)).</summary>
public static unsafe partial class SymbolicLink
{
    private const int Longest = 4096;

    /// <summary>Returns the target as written in the link; null if there is no such link or it cannot be read.</summary>
    public static string? Target(string path)
    {
        var buffer = stackalloc byte[Longest];
        var length = ReadLink(path, buffer, Longest);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }

    [LibraryImport(LibC.Name, EntryPoint = "readlink", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLink(string path, byte* buffer, nuint size);
}
