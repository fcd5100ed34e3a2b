using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Enrolment;

/// <summary>Builds the initramfs images again, unless they are newer than the keys and have what they need, the keys included.</summary>
/// <param name="always">Build them in any case.</param>
internal sealed class InitramfsStep(bool always = false) : EnrolmentStep("initramfs", "rebuild the initramfs images")
{
    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        if (!always && await AreCurrentAsync(state, cancellationToken).ConfigureAwait(false))
            return new("they have the keys", AlreadyThere: true);
        // A builder that fails leaves the old image in place.
        return new(await state.Ports.Images.RebuildAsync(cancellationToken).ConfigureAwait(false));
    }

    private static async Task<bool> AreCurrentAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var images = state.Ports.Images;
        var keys = Path.Combine(state.Options.Directory, KeyDirectory.SecretKey);
        var all = images.List();
        foreach (var image in all)
        {
            if (images.IsOlder(image, keys))
                return false;
            try
            {
                if ((await images.FaultsAsync(image, state.Options.Directory, cancellationToken).ConfigureAwait(false)).Count > 0)
                    return false;
            }
            catch (KeygenException)
            {
                // A damaged image is built again.
                return false;
            }
        }

        return all.Count > 0;
    }
}

/// <summary>Looks into the images: each must have the client and the keys.</summary>
internal sealed class ImageStep() : EnrolmentStep("image", "look into the initramfs images")
{
    /// <inheritdoc/>
    public override bool OnlyLooks => true;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var images = state.Ports.Images.List();
        if (images.Count == 0)
            throw new KeygenException(
                "there is no initramfs image of an installed kernel in /boot", "check by hand that the image has mandos-client");
        var faults = new List<string>();
        foreach (var image in images)
        {
            var found = await state.Ports.Images.FaultsAsync(image, state.Options.Directory, cancellationToken)
                .ConfigureAwait(false);
            faults.AddRange(found.Select(fault => $"{image}: {fault}"));
        }

        if (faults.Count == 0)
            return new($"{string.Join(", ", images.Select(Path.GetFileName))}: the client and the keys are in");
        if (state.Options.DryRun)
            return new("not all have the client and the keys yet") { Warnings = faults };
        throw new KeygenException(
            string.Join("; ", faults), "install mandos-client-dotnet; mandos-initramfs(7) and mandos-dracut(7) say what an image needs");
    }
}
