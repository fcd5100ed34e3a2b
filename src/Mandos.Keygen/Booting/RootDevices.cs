namespace Mandos.Keygen.Booting;

/// <summary>An encrypted disk.</summary>
/// <param name="Name">The name of the open disk.</param>
/// <param name="Id">The UUID of its LUKS header, in hexadecimal digits; empty if it has none.</param>
/// <param name="Device">The device file of the encrypted disk.</param>
internal sealed record EncryptedDisk(string Name, string Id, string Device);

/// <summary>The block devices below the root file system, as directories of sysfs.</summary>
internal sealed class RootDevices
{
    private const int MostDevices = 256;

    private readonly Machine _machine;
    private readonly List<string> _devices = [];

    internal RootDevices(Machine machine)
    {
        _machine = machine;
        var waiting = new Queue<string>();
        if (Root() is { } root)
            waiting.Enqueue(root);
        while (waiting.TryDequeue(out var device) && _devices.Count < MostDevices)
        {
            if (_devices.Contains(device))
                continue;
            _devices.Add(device);
            foreach (var slave in Slaves(device))
                waiting.Enqueue(slave);
        }
    }

    /// <summary>False if the kernel does not say which disks the root is on, as with ZFS.</summary>
    internal bool IsKnown => _devices.Count > 0;

    /// <summary>The hardware.</summary>
    internal IEnumerable<string> Disks => _devices.Where(device => Slaves(device).Count == 0);

    /// <summary>The encrypted disks that the root file system is on.</summary>
    internal IReadOnlyList<EncryptedDisk> Encrypted
    {
        get
        {
            var result = new List<EncryptedDisk>();
            foreach (var device in _devices)
            {
                // CRYPT-LUKS2-UUID-NAME
                var id = _machine.Text($"{device}/dm/uuid").Trim();
                if (!id.StartsWith("CRYPT-", StringComparison.Ordinal))
                    continue;
                var uuid = id.Split('-') is [_, ['L', 'U', 'K', 'S', ..], var digits, ..] ? digits : "";
                var below = Slaves(device);
                var name = _machine.Text($"{device}/dm/name").Trim();
                result.Add(new(name, uuid, below.Count > 0 ? "/dev/" + Path.GetFileName(below[0]) : ""));
            }

            return result;
        }
    }

    private List<string> Slaves(string device) =>
    [
        .. _machine.In($"{device}/slaves").Select(slave => _machine.Follow($"{device}/slaves", Path.GetFileName(slave))).OfType<string>(),
    ];

    /// <summary>Line of mountinfo (proc(5)): <c>ID PARENT MAJOR:MINOR ROOT MOUNT-POINT OPTIONS … - TYPE SOURCE OPTIONS</c>.</summary>
    private string? Root()
    {
        var line = _machine.Text("/proc/self/mountinfo").Split('\n').Select(line => line.Split(' '))
            .LastOrDefault(words => words.Length > 9 && words[4] == "/");
        if (line is null)
            return null;
        if (!line[2].StartsWith("0:", StringComparison.Ordinal))
            return _machine.Follow("/sys/dev/block", line[2]);
        // A file system with several disks (btrfs) has a number that is no disk's.
        var end = Array.IndexOf(line, "-");
        var source = end > 0 && end + 2 < line.Length ? Path.GetFileName(line[end + 2]) : "";
        return source.Length == 0 ? null : _machine.Follow("/sys/class/block", source) ?? Mapped(source);
    }

    private string? Mapped(string name) =>
        _machine.In("/sys/class/block")
            .Select(path => _machine.Follow("/sys/class/block", Path.GetFileName(path)))
            .FirstOrDefault(device => device is not null && _machine.Text($"{device}/dm/name").Trim() == name);
}
