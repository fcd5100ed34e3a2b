using Mandos.Keygen.Booting;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Doctor;

/// <summary>The disk of the root file system: its drivers, and the encrypted disks that it is on, in the image.</summary>
internal sealed class RootDisk(
    Machine machine, InitramfsImage image, NeededModules modules, IReadOnlyList<CommandLineSource> commandLines)
{
    private const string Subject = "root disk";

    private readonly IReadOnlyList<CrypttabLine> _inImage = ImageDisks.Lines(image);

    private string Option => modules.IsDracut ? "x-initrd.attach" : "initramfs";

    internal void Check(Report report)
    {
        var before = report.Findings.Count;
        var devices = new RootDevices(machine);
        var encrypted = devices.Encrypted;
        if (modules.IsKnown)
        {
            foreach (var disk in devices.Disks)
                CheckDrivers(disk, report);
        }

        foreach (var disk in encrypted.Where(disk => !IsOpened(disk)))
            report.Error(
                "disks.root", Subject, $"the root file system is on the encrypted disk {disk.Name}, which the image does not open",
                $"give the line of {disk.Name} in /etc/crypttab the option '{Option}'{Remark}, and {modules.Rebuild}");
        // The root's disks have been checked.
        foreach (var line in CrypttabLine.Parse(machine.Text("/etc/crypttab")))
        {
            if (line.Has(Option) && !_inImage.Any(one => one.Name == line.Name) && !encrypted.Any(disk => disk.Name == line.Name))
                report.Error(
                    "disks.absent", Subject, $"the image does not open {line.Name}, which has the option {Option} in /etc/crypttab",
                    modules.Rebuild);
        }

        if (devices.IsKnown && !report.HasProblemSince(before))
            report.Ok("root", Subject, encrypted.Count == 0
                ? "the root file system is not encrypted; the image has its drivers"
                : $"the image opens {string.Join(", ", encrypted.Select(disk => disk.Name))}, and has its drivers");
    }

    private string Remark => modules.IsDracut
        ? ", or add rd.luks.uuid= to the kernel command line"
        : " (x-initrd.attach has no effect with initramfs-tools)";

    private void CheckDrivers(string disk, Report report)
    {
        var missing = modules.MissingFor(disk);
        if (missing.Count > 0)
            report.Error(
                "root.driver", Subject,
                $"the image lacks modules that the disk {Path.GetFileName(disk)} needs: {string.Join(", ", missing)}",
                modules.Fix(missing));
    }

    private bool IsOpened(EncryptedDisk disk)
    {
        if (_inImage.Any(line => line.Name == disk.Name || IsSourceOf(disk, line.Source)))
            return true;
        return modules.IsDracut
            ? LuksParameters.In(commandLines).Any(id => disk.Id.StartsWith(id, StringComparison.Ordinal))
            : commandLines.SelectMany(line => line.Values("cryptopts")).Any(value => value.Split(',').Contains($"target={disk.Name}"));
    }

    private static bool IsSourceOf(EncryptedDisk disk, string source) =>
        disk.Id.Length > 0 && LuksParameters.Digits(source).EndsWith(disk.Id, StringComparison.Ordinal);
}
