using Mandos.Keygen.Images;

namespace Mandos.Keygen.Inspection;

/// <summary>The kernel modules in an image, with those that are built into its kernel.</summary>
internal sealed class ImageModules
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _kernels = new(StringComparer.Ordinal);

    internal ImageModules(InitramfsImage image)
    {
        foreach (var entry in image.Entries)
        {
            var parts = entry.Path.Split('/');
            var at = Array.IndexOf(parts, "modules");
            if (at < 1 || parts[at - 1] != "lib" || at + 2 >= parts.Length)
                continue;
            _kernels.Add(parts[at + 1]);
            if (IsModule(parts[^1]))
                Add(entry.Path);
            else if (parts[^1] == "modules.builtin" && at + 3 == parts.Length)
            {
                foreach (var line in entry.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    Add(line);
            }
        }
    }

    /// <summary>The releases of the kernels that the modules are for.</summary>
    internal IReadOnlyCollection<string> Kernels => _kernels;

    /// <summary>How many network drivers there are.</summary>
    internal int NetworkDrivers { get; private set; }

    /// <summary>Whether a module is in the image, or in the kernel itself.</summary>
    internal bool Has(string name) => _names.Contains(Plain(name));

    /// <summary>The name of a module, as the kernel writes it.</summary>
    internal static string Plain(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var end = name.IndexOf(".ko", StringComparison.Ordinal);
        return (end < 0 ? name : name[..end]).Replace('-', '_');
    }

    private static bool IsModule(string name) =>
        name.EndsWith(".ko", StringComparison.Ordinal) || name.Contains(".ko.", StringComparison.Ordinal);

    private void Add(string path)
    {
        _names.Add(Plain(path));
        if (path.Contains("kernel/drivers/net/", StringComparison.Ordinal))
            NetworkDrivers++;
    }
}
