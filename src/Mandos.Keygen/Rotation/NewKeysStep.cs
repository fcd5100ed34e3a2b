using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Rotation;

/// <summary>Makes new keys beside those in use.</summary>
internal sealed class NewKeysStep(RotationContext rotation) : EnrolmentStep("keys", "make new keys beside those in use")
{
    private bool _isMade;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var folder = rotation.Folder;
        folder.Recover();
        if (!KeyDirectory.HasAll(folder.Keys))
            throw new KeygenException(
                $"{folder.Keys} does not have all key files, so there is nothing to rotate",
                "enrol this machine: mandos-keygen enroll SERVER");
        _ = state.ReadKeyId();
        if (folder.Phase is RotationPhase.None or RotationPhase.Begun)
            folder.Create();
        state.Lock = folder.Lock();
        switch (folder.Phase)
        {
            case RotationPhase.Switched:
                return new($"in use, in {folder.Keys}", AlreadyThere: true);
            case RotationPhase.Prepared:
                return new($"in {folder.Next}", AlreadyThere: true);
            default:
                // All or none: after a failure there is nothing to take back.
                await state.Ports.MakeKeys(folder.Next, cancellationToken).ConfigureAwait(false);
                _isMade = true;
                return new($"in {folder.Next}");
        }
    }

    /// <inheritdoc/>
    public override Task<string?> UndoAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        if (!_isMade)
            return Task.FromResult<string?>(null);
        _isMade = false;
        rotation.Folder.Drop();
        return Task.FromResult<string?>("removed the new keys again");
    }

    /// <inheritdoc/>
    public override string Plan(EnrolmentState state) => rotation.Folder.Phase switch
    {
        RotationPhase.Switched => $"use the new keys in {rotation.Folder.Keys}",
        RotationPhase.Prepared => $"use the new keys in {rotation.Folder.Next}",
        _ => $"make new keys in {rotation.Folder.Next}",
    };
}
