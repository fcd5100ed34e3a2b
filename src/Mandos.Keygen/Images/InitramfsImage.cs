namespace Mandos.Keygen.Images;

/// <summary>The program that built an image.</summary>
internal enum ImageBuilder
{
    Unknown,
    InitramfsTools,
    Dracut,
}

/// <summary>The files of an initramfs image.</summary>
/// <param name="entries">The files by their paths.</param>
internal sealed class InitramfsImage(IReadOnlyDictionary<string, ImageEntry> entries)
{
    /// <summary>The path of the image, for messages.</summary>
    internal required string File { get; init; }

    /// <summary>The compressed format; <c>none</c> if nothing in it is compressed.</summary>
    internal required string Compression { get; init; }

    /// <summary>The size of the file.</summary>
    internal required long Size { get; init; }

    /// <summary>Whether users other than root can read the file.</summary>
    internal bool IsPublic { get; init; }

    /// <summary>Whether it is a part of a unified kernel image.</summary>
    internal bool IsUnified { get; init; }

    /// <summary>The kernel command line in a unified kernel image; null if there is none.</summary>
    internal string? CommandLine { get; init; }

    /// <summary>All files.</summary>
    internal IEnumerable<ImageEntry> Entries => entries.Values;

    internal ImageBuilder Builder =>
        Find("lib/dracut") is not null || Find("lib/dracut-lib.sh") is not null
            ? ImageBuilder.Dracut
            : Find("scripts/functions") is not null || Find("conf/initramfs.conf") is not null
                ? ImageBuilder.InitramfsTools
                : ImageBuilder.Unknown;

    /// <summary>With dracut: whether systemd runs in it, and not dracut's shell script.</summary>
    internal bool HasSystemd => Find("lib/systemd/systemd") is not null;

    /// <summary>The file that a program in the image sees at a path; symbolic links are followed. Null if it does not exist.</summary>
    /// <param name="path">The path, without a slash at its beginning.</param>
    internal ImageEntry? Find(string path)
    {
        var names = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var current = "";
        ImageEntry? entry = null;
        for (var links = 0; names.Count > 0;)
        {
            var name = names.Pop();
            if (name == ".")
                continue;
            if (name == "..")
            {
                current = current.Contains('/', StringComparison.Ordinal) ? current[..current.LastIndexOf('/')] : "";
                continue;
            }

            var next = current.Length == 0 ? name : $"{current}/{name}";
            if (!entries.TryGetValue(next, out entry))
                return null;
            if (!entry.IsLink)
            {
                current = next;
                continue;
            }

            if (++links > ImageLimits.Links)
                return null;
            if (entry.Target.StartsWith('/'))
                current = "";
            foreach (var part in entry.Target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                names.Push(part);
        }

        return entry is { IsLink: true } ? null : entries.GetValueOrDefault(current);
    }

    /// <summary>The content of a file as text; empty if it does not exist.</summary>
    internal string Text(string path) => Find(path)?.Text ?? "";

    /// <summary>The files of a directory, also if its entry is a link or missing.</summary>
    internal IEnumerable<ImageEntry> In(string directory)
    {
        var real = Find(directory)?.Path ?? directory;
        return Entries.Where(
            entry => entry.Path.Length > real.Length + 1
                && entry.Path[real.Length] == '/'
                && entry.Path.StartsWith(real, StringComparison.Ordinal)
                && !entry.Path.AsSpan(real.Length + 1).Contains('/'));
    }
}
