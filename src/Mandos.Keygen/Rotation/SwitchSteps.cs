using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Rotation;

/// <summary>The new keys take the place of the old ones.</summary>
internal sealed class SwitchStep(RotationContext rotation) : EnrolmentStep("switch", "put the new keys into use", "rehearsal")
{
    /// <inheritdoc/>
    public override Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var folder = rotation.Folder;
        if (folder.Phase == RotationPhase.Switched)
            return Task.FromResult(new StepResult($"in {folder.Keys}", AlreadyThere: true));
        folder.Switch();
        return Task.FromResult(new StepResult($"in {folder.Keys}; the old ones are kept in {folder.Previous}"));
    }
}

/// <summary>The old keys take their place again.</summary>
internal sealed class SwitchBackStep(RotationContext rotation) : EnrolmentStep("switch", "put the old keys into use again", "server")
{
    /// <inheritdoc/>
    public override Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var folder = rotation.Folder;
        if (folder.Phase != RotationPhase.Switched)
            return Task.FromResult(new StepResult($"in {folder.Keys}", AlreadyThere: true));
        if (folder.IsFinishing || state.Server is { IsKnown: false })
            throw new KeygenException(
                "a server does not know the old keys any more, so the rotation cannot be taken back",
                $"finish it with 'mandos-keygen rotate --finish {RotationContext.ServerOf(state)}'");
        folder.SwitchBack();
        return Task.FromResult(new StepResult($"in {folder.Keys}"));
    }
}

/// <summary>Looks into the images, and notes in which boot all of them got the new keys.</summary>
internal sealed class NewKeysImageStep(RotationContext rotation, params IReadOnlyList<string> needs)
    : EnrolmentStep("image", "look into the initramfs images", needs)
{
    private readonly ImageStep _image = new();

    /// <inheritdoc/>
    public override bool OnlyLooks => true;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var result = await _image.RunAsync(state, cancellationToken).ConfigureAwait(false);
        if (!state.Options.DryRun && rotation.Folder is { Phase: RotationPhase.Switched, BuiltIn: null } folder)
            folder.MarkBuilt(state.Ports.BootId());
        return result;
    }
}
