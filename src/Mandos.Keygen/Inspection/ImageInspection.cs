using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;

namespace Mandos.Keygen.Inspection;

/// <summary>What can be said about an image without the machine that boots it.</summary>
internal static class ImageInspection
{
    /// <summary>Checks an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="commandLines">What is known about the kernel command line, besides that in the image.</param>
    /// <param name="report">Gets the findings.</param>
    internal static void Run(InitramfsImage image, IReadOnlyList<CommandLineSource> commandLines, Report report)
    {
        var builder = image.Builder;
        if (builder == ImageBuilder.Unknown)
        {
            report.Error(
                "image.builder", "image", $"{image.File} was built by neither initramfs-tools nor dracut",
                "check the image that the boot loader loads; the client supports images of these two");
            return;
        }

        var modules = new ImageModules(image);
        report.Ok(
            "image", "image",
            $"{image.File}: {(builder == ImageBuilder.Dracut ? "dracut" : "initramfs-tools")}, compression {image.Compression}"
                + $"{(modules.Kernels.Count > 0 ? ", kernel " + string.Join(", ", modules.Kernels) : "")}");
        var lines = CommandLineSource.InImage(image).Concat(commandLines).ToList();
        if (ClientPrograms.Check(image, report))
        {
            ImageKeys.Check(image, report);
            StartScripts.Check(image, report);
            RunnerConfiguration.Check(image, report);
        }

        ImageDisks.Check(image, modules, lines, report);
        ImageNetwork.Check(image, modules, report);
        CommandLines.Check(lines, report);
    }
}
