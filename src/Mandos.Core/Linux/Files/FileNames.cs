using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Files;

/// <summary>Changes the owner and names of files.</summary>
public static partial class FileNames
{
    /// <summary>Changes the owner (chown(2)).</summary>
    public static Errno ChangeOwner(string path, uint user, uint group) => Errno.From(ChOwn(path, user, group));

    /// <summary>Creates a symbolic link (symlink(2)).</summary>
    public static Errno Link(string target, string path) => Errno.From(SymLink(target, path));

    [LibraryImport(LibC.Name, EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChOwn(string path, uint user, uint group);

    [LibraryImport(LibC.Name, EntryPoint = "symlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SymLink(string target, string path);
}
