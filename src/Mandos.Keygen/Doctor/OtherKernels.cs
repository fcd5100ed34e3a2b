using Mandos.Keygen.Booting;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Doctor;

/// <summary>The other installed kernels: after a choice in the boot menu, or an update that is undone, they boot.</summary>
internal static class OtherKernels
{
    private const string Subject = "other kernels";
    private const int Most = 10;

    internal static async Task CheckAsync(Machine machine, BootTarget target, Report report, CancellationToken cancellationToken)
    {
        var others = Kernels.Installed(machine).Select(kernel => (Kernel: kernel, Image: Kernels.ImageOf(machine, kernel)))
            .Concat(LoaderEntries.All(machine).Select(entry => (entry.Kernel, entry.Image)))
            .Where(other => other.Image != target.Image && other.Kernel != target.Kernel)
            .DistinctBy(other => other.Image)
            .Take(Most)
            .ToList();
        var before = report.Findings.Count;
        foreach (var (kernel, image) in others)
        {
            var problem = machine.IsFile(image)
                ? await ProblemAsync(machine.Real(image), cancellationToken).ConfigureAwait(false)
                : "does not exist";
            if (problem is not null)
                report.Warning(
                    "kernels.other", Subject, $"the initramfs image of kernel {kernel}, {image}, {problem}",
                    $"run 'update-initramfs -u -k {kernel}', or with dracut 'dracut --force {image} {kernel}'; or remove that kernel");
        }

        if (others.Count > 0 && !report.HasProblemSince(before))
            report.Ok("kernels", Subject, $"their images contain the client: {string.Join(", ", others.Select(other => other.Kernel))}");
    }

    private static async Task<string?> ProblemAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var image = await ImageReader.ReadAsync(path, cancellationToken).ConfigureAwait(false);
            return ClientPrograms.IsIn(image) ? null : "does not contain the client";
        }
        catch (KeygenException failure)
        {
            return $"cannot be read: {failure.Message}";
        }
    }
}
