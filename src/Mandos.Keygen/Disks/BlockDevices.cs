namespace Mandos.Keygen.Disks;

/// <summary>The block devices of this machine, as /sys/class/block, /proc and /dev show them.</summary>
/// <param name="root">The directory that contains them; <c>/</c> except in tests.</param>
internal sealed class BlockDevices(string root)
{
    /// <summary>More than the layers of device mapper, RAID and partitions that occur.</summary>
    private const int MostDevices = 1000;

    private static readonly (string Prefix, string Directory)[] Links =
        [("UUID=", "by-uuid"), ("PARTUUID=", "by-partuuid"), ("LABEL=", "by-label"), ("PARTLABEL=", "by-partlabel"), ("ID=", "by-id")];

    /// <summary>The path of a device of crypttab; null if it does not exist.</summary>
    public string? Resolve(string device)
    {
        var path = device;
        foreach (var (prefix, directory) in Links)
        {
            if (device.StartsWith(prefix, StringComparison.Ordinal))
                path = $"/dev/disk/{directory}/{device[prefix.Length..]}";
        }

        return path.StartsWith('/') && File.Exists(At(path)) ? path : null;
    }

    /// <summary>The names of the crypt mappings that file systems on these mount points, and used swap devices, are on.</summary>
    public IReadOnlyDictionary<string, string> NamesInUse(params ReadOnlySpan<string> mountPoints)
    {
        var uses = new Dictionary<string, string>();
        foreach (var (source, point) in Lines("/proc/self/mounts").Select(fields => (fields[0], fields[1])))
        {
            if (mountPoints.Contains(point))
                Follow(source, point, uses);
        }

        // The first line is the heading.
        foreach (var fields in Lines("/proc/swaps").Skip(1))
            Follow(fields[0], "swap", uses);
        return uses;
    }

    private void Follow(string source, string use, Dictionary<string, string> uses)
    {
        if (!source.StartsWith("/dev/", StringComparison.Ordinal))
            return;
        var next = new Queue<string>([KernelName(source)]);
        var seen = new HashSet<string>();
        while (next.TryDequeue(out var name) && seen.Count < MostDevices)
        {
            if (!seen.Add(name))
                continue;
            var directory = At($"/sys/class/block/{name}");
            if (FirstLine($"{directory}/dm/uuid") is { } uuid
                && uuid.StartsWith("CRYPT-", StringComparison.Ordinal)
                && FirstLine($"{directory}/dm/name") is { } mapping)
                _ = uses.TryAdd(mapping, use);
            if (!Directory.Exists($"{directory}/slaves"))
                continue;
            foreach (var below in Directory.EnumerateFileSystemEntries($"{directory}/slaves"))
                next.Enqueue(Path.GetFileName(below));
        }
    }

    // dm-0 for /dev/mapper/root, which is a link with udev and a node of its own without.
    private string KernelName(string source)
    {
        var name = Path.GetFileName(new FileInfo(At(source)).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? source);
        if (Directory.Exists(At($"/sys/class/block/{name}")))
            return name;
        var all = At("/sys/class/block");
        if (!Directory.Exists(all))
            return name;
        var found = Directory.EnumerateFileSystemEntries(all).FirstOrDefault(one => FirstLine($"{one}/dm/name") == name);
        return found is null ? name : Path.GetFileName(found);
    }

    private List<string[]> Lines(string path)
    {
        try
        {
            return [
                .. File.ReadLines(At(path)).Take(MostDevices)
                    .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    .Where(fields => fields.Length > 1)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? FirstLine(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadLines(path).FirstOrDefault() : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string At(string path) => root == "/" ? path : root + path;
}
