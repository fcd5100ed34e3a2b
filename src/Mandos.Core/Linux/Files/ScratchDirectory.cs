using System.Runtime.InteropServices;
using System.Text;

namespace Mandos.Core.Linux.Files;

/// <summary>A new temporary directory of our own below /run or /tmp (mkdtemp(3)); its content must be removed before it.</summary>
public sealed partial class ScratchDirectory : IDisposable
{
    private static readonly string[] Places = ["/run/mandos-XXXXXX\0", "/tmp/mandos-XXXXXX\0"];

    private ScratchDirectory(string path) => Path = path;

    /// <summary>The path of the directory.</summary>
    public string Path { get; }

    /// <summary>Creates one; null if that is not permitted.</summary>
    public static ScratchDirectory? Make()
    {
        foreach (var place in Places)
        {
            var path = Encoding.UTF8.GetBytes(place);
            if (MakeTemporary(path) != 0)
                return new ScratchDirectory(Encoding.UTF8.GetString(path.AsSpan(0, path.Length - 1)));
        }

        return null;
    }

    /// <summary>Renames a file in the directory.</summary>
    public bool TryRename(string from, string to) => Rename($"{Path}/{from}", $"{Path}/{to}") == 0;

    /// <summary>Removes a file from the directory.</summary>
    public void Remove(string name) => _ = Unlink($"{Path}/{name}");

    /// <inheritdoc />
    public void Dispose() => _ = RemoveDirectory(Path);

    [LibraryImport(LibC.Name, EntryPoint = "mkdtemp")]
    private static partial nint MakeTemporary(byte[] template);

    [LibraryImport(LibC.Name, EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);

    [LibraryImport(LibC.Name, EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(string path);

    [LibraryImport(LibC.Name, EntryPoint = "rmdir", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveDirectory(string path);
}
