using Mandos.Keygen.Booting;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Doctor;

/// <summary>Whether the machine would unlock its disks at its next boot.</summary>
/// <param name="environment">The program's environment.</param>
/// <param name="report">Gets the findings.</param>
internal sealed class Examination(KeygenEnvironment environment, Report report)
{
    private const string Subject = "boot loader";

    private readonly Machine _machine = new(environment.Root);

    /// <summary>Makes all checks; returns the path of the image, null if there is none.</summary>
    /// <param name="network">Whether to fetch the password.</param>
    /// <param name="cancellationToken">Ends the examination.</param>
    /// <exception cref="KeygenException">A check cannot be made.</exception>
    internal async Task<string?> RunAsync(bool network, CancellationToken cancellationToken)
    {
        var target = BootChoice.Find(_machine);
        var image = target is null ? null : await ReadAsync(target, cancellationToken).ConfigureAwait(false);
        var keys = new MachineKeys(_machine, environment);
        keys.Check(image, report);
        if (target is null)
            report.Error(
                "boot.kernel", Subject, "there is no kernel in /boot, and no entry of a boot loader",
                "mount /boot, or install a kernel");
        else
        {
            if (image is not null)
                Compare(image, target);
            await OtherKernels.CheckAsync(_machine, target, report, cancellationToken).ConfigureAwait(false);
            BootSpace.Check(_machine, target, environment.FreeSpace, report);
        }

        if (network)
        {
            var disks = image is null ? [] : DisksToOpen.Of(_machine, image, CommandLines(image, target!));
            await new Fetch(_machine, environment).CheckAsync(disks, report, cancellationToken).ConfigureAwait(false);
        }

        return target?.Image;
    }

    private async Task<InitramfsImage?> ReadAsync(BootTarget target, CancellationToken cancellationToken)
    {
        if (!_machine.IsFile(target.Image))
        {
            report.Error(
                "boot.image", Subject,
                $"the initramfs image of kernel {target.Kernel} does not exist: {target.Image} ({target.Source})",
                $"build it: 'update-initramfs -c -k {target.Kernel}', or with dracut 'dracut {target.Image} {target.Kernel}'");
            return null;
        }

        report.Ok("boot", Subject, $"loads {target.Image} for kernel {target.Kernel} ({target.Source})");
        try
        {
            var image = await ImageReader.ReadAsync(_machine.Real(target.Image), cancellationToken).ConfigureAwait(false);
            ImageInspection.Run(image, target.CommandLines, report);
            return image;
        }
        catch (ImageException damage)
        {
            report.Error("image.damaged", "image", $"{target.Image}: {damage.Message}", damage.Hint!);
            return null;
        }
    }

    private void Compare(InitramfsImage image, BootTarget target)
    {
        if (image.Builder == ImageBuilder.Unknown)
            return;
        if (ClientPrograms.IsIn(image))
            ImageAge.Check(_machine, image, report);
        var modules = new ImageModules(image);
        var drivers = new NeededModules(_machine, image, modules);
        NetworkCards.Check(_machine, drivers, report);
        new RootDisk(_machine, image, drivers, CommandLines(image, target)).Check(report);
    }

    private static IReadOnlyList<CommandLineSource> CommandLines(InitramfsImage image, BootTarget target) =>
        [.. CommandLineSource.InImage(image), .. target.CommandLines];
}
