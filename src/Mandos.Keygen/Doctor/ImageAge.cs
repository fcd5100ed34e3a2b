using Mandos.Keygen.Booting;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Doctor;

/// <summary>Whether the machine has changed since the image was built.</summary>
internal static class ImageAge
{
    private const string Subject = "image's age";
    private const string RunnerFile = "/etc/mandos/plugin-runner.conf";

    private static readonly string[] Common =
        ["/etc/crypttab", "/etc/mandos/plugins.d", "/etc/mandos/plugin-helpers", "/etc/mandos/network-hooks.d"];

    private static readonly string[] InitramfsTools =
        ["/etc/initramfs-tools", "/etc/initramfs-tools/conf.d", "/etc/initramfs-tools/hooks", "/etc/initramfs-tools/scripts"];

    private static readonly string[] Dracut =
        ["/etc/dracut.conf", "/etc/dracut.conf.d", "/etc/systemd/system/ask-password-mandos.service.d"];

    internal static void Check(Machine machine, InitramfsImage image, Report report)
    {
        var before = report.Findings.Count;
        CheckProgram(machine, image, report);
        CheckRunner(machine, image, report);
        var built = File.GetLastWriteTimeUtc(image.File);
        var newer = Common.Concat(image.Builder == ImageBuilder.Dracut ? Dracut : InitramfsTools)
            .SelectMany(path => machine.IsDirectory(path) ? machine.In(path) : [path])
            .Where(file => machine.Changed(file) > built)
            .ToList();
        if (newer.Count > 0)
            report.Warning(
                "image.old", Subject, $"the image is older than {string.Join(", ", newer)}", Rebuilding.Of(image));
        if (!report.HasProblemSince(before))
            report.Ok("image.age", Subject, "client and configuration have not changed since the image was built");
    }

    private static void CheckProgram(Machine machine, InitramfsImage image, Report report)
    {
        if (InstalledClient.Find(machine) is not { } path)
            report.Error(
                "client.installed", Subject, "mandos-client is not installed on this machine: the next image will not contain it",
                "install the package mandos-client-dotnet");
        // An image with the administrator's own client has ours at another place.
        else if (image.Find(ClientPrograms.Executable(image))?.Digest is { } inImage
            && !machine.IsFile("/etc/mandos/plugins.d/mandos-client")
            && FileDigest.Of(machine.Real(path)) is { } installed
            && !installed.AsSpan().SequenceEqual(inImage))
            report.Warning(
                "client.old", Subject, $"the client in the image is another version than {path}", Rebuilding.Of(image));
    }

    private static void CheckRunner(Machine machine, InitramfsImage image, Report report)
    {
        if (RunnerConfiguration.PathIn(image) is not { } path || image.Find(path) is null || !machine.IsFile(RunnerFile))
            return;
        // The hooks put their own options before it.
        if (!image.Text(path).TrimEnd().EndsWith(machine.Text(RunnerFile).TrimEnd(), StringComparison.Ordinal))
            report.Warning(
                "configuration.old", Subject, $"{RunnerFile} has changed since the image was built", Rebuilding.Of(image));
    }
}
