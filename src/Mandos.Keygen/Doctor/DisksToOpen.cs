using Mandos.Keygen.Booting;
using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Doctor;

/// <summary>The encrypted disks that the password must open at boot.</summary>
internal static class DisksToOpen
{
    private const string ById = "/dev/disk/by-uuid";

    /// <summary>Their device files: those of crypttab(5) in the image, or the root's, and those of the kernel command line.</summary>
    internal static IReadOnlyList<string> Of(Machine machine, InitramfsImage image, IReadOnlyList<CommandLineSource> commandLines)
    {
        var root = new RootDevices(machine).Encrypted;
        var disks = ImageDisks.Lines(image).Where(line => line.AsksForPassword).Select(line => line.Device).ToList();
        if (disks.Count == 0)
            disks.AddRange(root.Select(disk => disk.Device));
        if (image.Builder != ImageBuilder.Dracut)
            return disks;
        foreach (var id in LuksParameters.In(commandLines))
        {
            var isListed = root.Any(disk => disks.Contains(disk.Device) && disk.Id.StartsWith(id, StringComparison.Ordinal));
            if (!isListed && Find(machine, id) is { } device && !disks.Contains(device))
                disks.Add(device);
        }

        return disks;
    }

    private static string? Find(Machine machine, string id) =>
        machine.In(ById).FirstOrDefault(path => LuksParameters.Digits(Path.GetFileName(path)).StartsWith(id, StringComparison.Ordinal));
}
