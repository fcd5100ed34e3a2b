using System.Text;

namespace Mandos.Keygen.Booting;

/// <summary>The files of a machine, which may be in a directory.</summary>
/// <param name="root">The directory; empty for the root of this machine.</param>
internal sealed class Machine(string root)
{
    /// <summary>Larger than any file that is read whole; the largest is modules.dep.</summary>
    private const int LargestFile = 8 << 20;

    /// <summary>Where a file of the machine really is.</summary>
    internal string Real(string path) => root + path;

    internal bool IsFile(string path) => File.Exists(Real(path));

    internal bool IsDirectory(string path) => Directory.Exists(Real(path));

    /// <summary>The text of a file; empty if it does not exist or cannot be read.</summary>
    internal string Text(string path)
    {
        try
        {
            // Files of /proc and /sys have no length.
            using var file = File.OpenRead(Real(path));
            var bytes = new byte[Math.Clamp(file.Length, 64 << 10, LargestFile)];
            return Encoding.UTF8.GetString(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The paths of the entries of a directory, in order; empty if it does not exist or cannot be read.</summary>
    internal IReadOnlyList<string> In(string directory)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFileSystemEntries(Real(directory))
                    .Order(StringComparer.Ordinal)
                    .Select(path => path[root.Length..]),
            ];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>When a file changed; null if it does not exist.</summary>
    internal DateTime? Changed(string path) => IsFile(path) ? File.GetLastWriteTimeUtc(Real(path)) : null;

    /// <summary>Where a symbolic link in a directory points; null if it is none. The directory must not contain a link itself.</summary>
    internal string? Follow(string directory, string name)
    {
        try
        {
            return new FileInfo(Real($"{directory}/{name}")).LinkTarget is { } target
                ? Path.GetFullPath(target, directory)
                : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
