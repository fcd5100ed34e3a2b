using System.Text;
using Mandos.Core.Linux.Files;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Disks;

/// <summary>A device that the initramfs opens with a passphrase.</summary>
/// <param name="Device">Its path.</param>
/// <param name="Reason">Why it is opened at boot: what it holds, or what marks it.</param>
internal sealed record BootDisk(string Device, string Reason);

/// <summary>Finds the devices that crypttab wants opened at boot.</summary>
/// <param name="root">The directory with etc, proc, sys and dev; <c>/</c> except in tests.</param>
internal sealed class BootDisks(string root = "/")
{
    private const string Crypttab = "/etc/crypttab";
    private const int MostBytes = 1 << 20;
    private const string Hint = "give the encrypted device with --device=DEVICE";

    private readonly BlockDevices _devices = new(root);

    /// <summary>
    /// The devices of crypttab that hold the root, /usr or used swap, or are marked, and for which a passphrase is asked.
    /// </summary>
    /// <param name="notes">Receives one line for each device that is opened at boot in another way.</param>
    /// <exception cref="KeygenException">There is none, or one does not exist.</exception>
    public IReadOnlyList<BootDisk> Find(ICollection<string> notes)
    {
        var uses = _devices.NamesInUse("/", "/usr");
        var disks = new List<BootDisk>();
        foreach (var entry in CrypttabEntry.Parse(Read()))
        {
            var reason = uses.TryGetValue(entry.Name, out var use) ? use : entry.IsMarked ? "marked for the initramfs" : null;
            if (reason is null)
                continue;
            if (entry.Obstacle is { } obstacle)
                notes.Add($"{entry.Name} ({reason}) is left out: {obstacle}");
            else
                disks.Add(
                    new(
                        _devices.Resolve(entry.Device)
                            ?? throw new KeygenException($"{Crypttab}: {entry.Name}: there is no device {entry.Device}", Hint),
                        reason));
        }

        if (disks.Count > 0)
            return [.. disks.DistinctBy(disk => disk.Device)];
        var left = notes.Count > 0 ? $"; {string.Join("; ", notes)}" : "";
        throw new KeygenException($"{Crypttab} has no device that is opened at boot with a passphrase{left}", Hint);
    }

    /// <summary>The devices that a user names.</summary>
    /// <exception cref="KeygenException">One does not exist.</exception>
    public IReadOnlyList<BootDisk> Named(IEnumerable<string> names) =>
    [
        .. names.Distinct().Select(
            name => new BootDisk(
                _devices.Resolve(name)
                    ?? throw new KeygenException(
                        $"there is no device {name}", "give a path that begins with /, or UUID=, PARTUUID= or LABEL= as in crypttab"),
                "given with --device")),
    ];

    private string Read()
    {
        var path = root == "/" ? Crypttab : root + Crypttab;
        return SmallFile.TryRead(path, MostBytes, out var content, out var error) switch
        {
            SmallFileResult.Read => Encoding.UTF8.GetString(content),
            SmallFileResult.Missing => throw new KeygenException($"{Crypttab} does not exist", Hint),
            SmallFileResult.TooLong => throw new KeygenException($"{Crypttab} has more than {MostBytes} bytes", Hint),
            SmallFileResult.NotRegular => throw new KeygenException($"{Crypttab} is not a regular file", Hint),
            _ => throw new KeygenException($"cannot read {Crypttab}: {error}", "run this as root"),
        };
    }
}
