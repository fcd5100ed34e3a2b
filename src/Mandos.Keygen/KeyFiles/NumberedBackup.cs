using System.Globalization;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;

namespace Mandos.Keygen.KeyFiles;

/// <summary>Backups named <c>NAME.~N~</c>, as GNU's programs number them.</summary>
internal static class NumberedBackup
{
    /// <summary>The highest number in use for a file; 0 if there is no backup.</summary>
    public static int Highest(string directory, string name)
    {
        var prefix = name + ".~";
        return Directory.EnumerateFileSystemEntries(directory, prefix + "*").Select(path => Path.GetFileName(path)!)
            .Where(entry => entry.EndsWith('~') && entry.Length > prefix.Length + 1)
            .Select(entry =>
                int.TryParse(entry[prefix.Length..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .DefaultIfEmpty().Max();
    }

    /// <summary>
    /// Gives the file a backup name. The file itself is the backup, not a copy of it, so no second copy of a secret
    /// is left to be shredded; it also keeps its own name until something is renamed over it.
    /// </summary>
    public static Errno Keep(string directory, string name, int number)
    {
        var path = Path.Combine(directory, name);
        var backup = $"{path}.~{number}~";
        var linked = DurableFiles.Link(path, backup);
        // Some file systems have no second names.
        return linked.Ok || linked.Code == DurableFiles.EEXIST ? linked : DurableFiles.Rename(path, backup);
    }
}
