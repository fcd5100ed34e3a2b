using Mandos.Core.Linux.Files;

namespace Mandos.Client.Runner;

/// <summary>The plugin directory.</summary>
internal static class PluginDirectory
{
    /// <summary>
    /// Returns the plugins by name: executable regular files (links followed), without files that editors and dpkg leave behind. Null, with
    /// the reason, if the directory cannot be read.
    /// </summary>
    internal static IReadOnlyList<Plugin>? Read(string directory, out string error)
    {
        error = "";
        var plugins = new List<Plugin>();
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(directory))
            {
                var name = Path.GetFileName(path);
                if (IsPluginName(name) && FileKind.IsExecutableFile(path))
                    plugins.Add(new Plugin(name, path, IsOwn(path)));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error = $"cannot read the plugin directory \"{directory}\": "
                + (exception is DirectoryNotFoundException ? "it does not exist" : "permission denied, or not a directory");
            return null;
        }

        plugins.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        return plugins;
    }

    /// <summary>False for hidden files, backups and the files that dpkg creates.</summary>
    internal static bool IsPluginName(string name) =>
        !(name.StartsWith('.')
            || name.EndsWith('~')
            || (name.Length > 1 && name.StartsWith('#') && name.EndsWith('#'))
            || name.EndsWith(".dpkg-new", StringComparison.Ordinal)
            || name.EndsWith(".dpkg-old", StringComparison.Ordinal)
            || name.EndsWith(".dpkg-bak", StringComparison.Ordinal)
            || name.EndsWith(".dpkg-divert", StringComparison.Ordinal));

    private static bool IsOwn(string path)
    {
        foreach (var own in OwnExecutable.Paths())
        {
            if (FileKind.AreSame(own, path))
                return true;
        }

        return false;
    }
}
