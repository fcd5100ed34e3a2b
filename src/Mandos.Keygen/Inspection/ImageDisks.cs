using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;

namespace Mandos.Keygen.Inspection;

/// <summary>The disks that an image opens, and whether the client is asked for their passwords.</summary>
internal static class ImageDisks
{
    private const string Subject = "disks";

    /// <summary>The lines of crypttab(5) in an image.</summary>
    internal static IReadOnlyList<CrypttabLine> Lines(InitramfsImage image) =>
        CrypttabLine.Parse(image.Text(image.Builder == ImageBuilder.Dracut ? "etc/crypttab" : "cryptroot/crypttab"));

    internal static void Check(
        InitramfsImage image, ImageModules modules, IReadOnlyList<CommandLineSource> commandLines, Report report)
    {
        var before = report.Findings.Count;
        var lines = Lines(image);
        CheckPrograms(image, report);
        if (modules.Kernels.Count > 0 && !modules.Has("dm_crypt"))
            report.Error("disks.module", Subject, "the image has no module dm-crypt, which opens encrypted disks", ImageException.Rebuild);
        if (image.Builder == ImageBuilder.InitramfsTools && lines.Count == 0 && !commandLines.Any(line => line.Has("cryptopts")))
            report.Error(
                "disks.none", Subject, "no disk is opened in this image: it has no line of crypttab(5), so no password is fetched",
                "give the line of the root's disk in /etc/crypttab the option 'initramfs' (x-initrd.attach has no effect with "
                    + "initramfs-tools), and build the image again");
        foreach (var line in lines)
            CheckKeyScript(image, line, report);
        if (!report.HasProblemSince(before))
            report.Ok("disks", Subject, Summary(lines));
    }

    private static void CheckPrograms(InitramfsImage image, Report report)
    {
        var (isThere, package) = (image.Builder, image.HasSystemd) switch
        {
            (ImageBuilder.Dracut, true) => (IsProgram("lib/systemd/systemd-cryptsetup"), "systemd-cryptsetup"),
            (ImageBuilder.Dracut, false) => (IsProgram("sbin/cryptsetup") || IsProgram("usr/bin/cryptsetup"), "cryptsetup-bin"),
            _ => (IsProgram("lib/cryptsetup/askpass"), "cryptsetup-initramfs"),
        };
        if (!isThere)
            report.Error(
                "disks.program", Subject, "the image has no program that opens encrypted disks, so no password is asked for",
                $"install the package {package}, and build the image again");

        bool IsProgram(string path) => image.Find(path) is { IsExecutable: true };
    }

    private static void CheckKeyScript(InitramfsImage image, CrypttabLine line, Report report)
    {
        if (line.KeyScript is not { } script || line.AsksForPassword)
            return;
        if (image.Builder == ImageBuilder.Dracut)
            report.Warning(
                "disks.keyscript", Subject, $"the disk {line.Name} has the option keyscript={script}, which dracut does not support",
                "remove that option from /etc/crypttab, and build the image again");
        else
            report.Warning(
                "disks.keyscript", Subject, $"the disk {line.Name} gets its password from the keyscript {script}, not from a Mandos server",
                "remove the option keyscript= of that disk from /etc/crypttab, and build the image again");
    }

    private static string Summary(IReadOnlyList<CrypttabLine> lines)
    {
        if (lines.Count == 0)
            return "the image can open encrypted disks; which ones, the kernel command line says";
        var asking = lines.Where(line => line.AsksForPassword).Select(line => line.Name).ToList();
        var others = lines.Where(line => !line.AsksForPassword).Select(line => line.Name).ToList();
        return $"opened with a password: {(asking.Count > 0 ? string.Join(", ", asking) : "none")}"
            + $"{(others.Count > 0 ? $"; with a key file: {string.Join(", ", others)}" : "")}";
    }
}
