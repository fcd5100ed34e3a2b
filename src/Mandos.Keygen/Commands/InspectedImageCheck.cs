using Mandos.Keygen.Doctor;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Commands;

/// <summary>Looks into an initramfs image as <c>mandos-keygen check-image</c> does.</summary>
internal sealed class InspectedImageCheck : IImageCheck
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FaultsAsync(string image, string keys, CancellationToken cancellationToken)
    {
        var report = new Report();
        try
        {
            var content = await ImageReader.ReadAsync(image, cancellationToken).ConfigureAwait(false);
            ImageInspection.Run(content, [], report);
            if (KeyComparison.Others(content, keys) is { Count: > 0 } others)
                report.Error("keys.differ", "keys", $"it has other keys than {keys} ({string.Join(", ", others)})", "build it again");
        }
        catch (ImageException damage)
        {
            throw new KeygenException($"{image}: {damage.Message}", damage.Hint);
        }

        return [.. report.Findings.Where(finding => finding.Severity == Severity.Error).Select(finding => finding.Text)];
    }
}
