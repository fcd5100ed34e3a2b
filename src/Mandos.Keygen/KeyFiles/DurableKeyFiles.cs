using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.KeyFiles;

/// <summary>The steps in which key files and their directories change, so that a crash leaves each of them old or new.</summary>
internal static class DurableKeyFiles
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The mode of a directory that only its owner can use.</summary>
    public const UnixFileMode OwnerDirectory = OwnerFile | UnixFileMode.UserExecute;

    /// <summary>Whether the name is in use, by a file of any kind.</summary>
    public static bool Exists(string path) =>
        new FileInfo(path) is var info && (info.Exists || info.LinkTarget is not null || Directory.Exists(path));

    /// <summary>Writes a new file with mode 0600.</summary>
    /// <exception cref="IOException">The name is in use, or the file cannot be written.</exception>
    public static void WriteNew(string path, ReadOnlySpan<byte> content)
    {
        // CreateNew is O_CREAT|O_EXCL: nothing existing is followed or reused. There is no buffer that would keep a copy.
        using var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                UnixCreateMode = OwnerFile,
                BufferSize = 0
            });
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Gives a key file a second name, so that no second copy of a secret is on the disk; some file systems need a copy.</summary>
    public static void Copy(string from, string to)
    {
        if (DurableFiles.Link(from, to).Ok)
            return;
        using var content = KeyFile.Read(Path.GetDirectoryName(from)!, Path.GetFileName(from));
        WriteNew(to, content.Span);
    }

    /// <summary>Renames a file or directory; an existing file of the new name is replaced.</summary>
    /// <exception cref="KeygenException">It cannot be renamed.</exception>
    public static void Rename(string from, string to) => Check(DurableFiles.Rename(from, to), $"cannot rename {from}");

    /// <summary>Removes a directory with its files, if it exists.</summary>
    public static void Remove(string directory)
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    /// <summary>Waits until the names in a directory are on disk.</summary>
    public static void Sync(string directory)
    {
        if (!DurableFiles.OpenDirectory(directory, out var handle).Ok)
            return;
        using (handle)
            _ = DurableFiles.Sync(handle);
    }

    /// <exception cref="KeygenException">The call failed.</exception>
    public static void Check(Errno errno, string what)
    {
        if (!errno.Ok)
            throw new KeygenException($"{what}: {errno}");
    }
}
