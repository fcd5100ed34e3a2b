using System.Globalization;

namespace Mandos.Bench;

/// <summary>What an initramfs holds. Directories and links are not counted: busybox alone has hundreds of names.</summary>
/// <param name="Files">Number of regular files.</param>
/// <param name="Bytes">Their content, unpacked.</param>
/// <param name="Modules">How many of these files lie in lib/modules: drivers, and the lists of them.</param>
/// <param name="ModuleBytes">The content of those.</param>
/// <param name="Compressed">Bytes of the image as it lies in /boot.</param>
internal sealed record ImageContent(int Files, long Bytes, int Modules, long ModuleBytes, long Compressed)
{
    /// <summary>What this holds more than <paramref name="other"/>.</summary>
    public ImageContent Beyond(ImageContent other) =>
        new(
            Files - other.Files, Bytes - other.Bytes, Modules - other.Modules, ModuleBytes - other.ModuleBytes,
            Compressed - other.Compressed);

    /// <summary>Reads a line <c>BYTES</c> for the image, then one <c>INODE BYTES PATH</c> for each name of a file in it.</summary>
    public static ImageContent Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var content = new ImageContent(0, 0, 0, 0, long.Parse(lines[0], CultureInfo.InvariantCulture));
        foreach (var field in lines.Skip(1).Select(l => l.Split(' ', 3)).DistinctBy(f => f[0]))
        {
            var bytes = long.Parse(field[1], CultureInfo.InvariantCulture);
            content = content with { Files = content.Files + 1, Bytes = content.Bytes + bytes };
            if (field[2].Contains("lib/modules/", StringComparison.Ordinal))
                content = content with { Modules = content.Modules + 1, ModuleBytes = content.ModuleBytes + bytes };
        }

        return content.Files > 0 ? content : throw new InvalidOperationException("the image is empty");
    }
}
