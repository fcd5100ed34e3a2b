using System.Globalization;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;

namespace Mandos.Keygen.KeyFiles;

/// <summary>Backups named <c>NAME.~N~</c>, numbered as by the GNU programs.</summary>
internal static class NumberedBackup
{
    /// <summary>Returns the highest number in use for a file; 0 if there is no backup.</summary>
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
    /// Gives the file a backup name. The backup is the file itself, not a copy, so that no second copy of a secret needs to be shredded;
    /// the file also keeps its own name until another one is renamed over it.
    /// </summary>
    public static Errno Keep(string directory, string name, int number)
    {
        var path = Path.Combine(directory, name);
        var backup = $"{path}.~{number}~";
        var linked = DurableFiles.Link(path, backup);
        // Some file systems do not support hard links.
        return linked.Ok || linked.Code == DurableFiles.EEXIST ? linked : DurableFiles.Rename(path, backup);
    }
}
