using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Rotation;

/// <summary>
/// Proves that this machine has booted since all its images got the new keys. The number of the boot decides, not a clock, which may be
/// set.
/// </summary>
internal sealed class BootStep(RotationContext rotation) : EnrolmentStep("boot", "look for a boot with the new keys")
{
    /// <inheritdoc/>
    public override bool OnlyLooks => true;

    /// <inheritdoc/>
    public override Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        rotation.Enter(state);
        var again = $"run 'mandos-keygen rotate {RotationContext.ServerOf(state)}', and reboot";
        if (rotation.Folder.Phase != RotationPhase.Switched)
            throw new KeygenException("the new keys are not in use yet", again);
        if (rotation.Folder.BuiltIn is not { } built)
            throw new KeygenException("not all initramfs images have the new keys yet", again);
        if (built != state.Ports.BootId())
            return Task.FromResult(new StepResult("it has booted since its images got them"));
        return state.Options.Force
            ? Task.FromResult(new StepResult("there was none") { Warnings = ["with --force, the old keys are dropped anyway"] })
            : throw new KeygenException(
                "this machine has not booted with the new keys yet",
                "reboot it, and run this again; --force drops the old keys without that proof");
    }
}
