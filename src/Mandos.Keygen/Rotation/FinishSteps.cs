using System.Text;
using Mandos.Core.Secrets;
using Mandos.Keygen.Disks;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Passwords;
using Mandos.Keygen.Servers;

namespace Mandos.Keygen.Rotation;

/// <summary>
/// Gives the section of the old keys the new ones, and removes the second section, in one step: the client keeps its name, its settings and
/// what the server knows about it.
/// </summary>
internal sealed class PromoteStep(RotationContext rotation)
    : EnrolmentStep("section", "replace the old keys on the server by the new ones", "boot", "server", "rehearsal")
{
    private InstalledSection? _installed;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var (server, old, next) = (state.Ports.Server!, state.Server!, rotation.New!);
        if (!next.IsKnown)
            throw new KeygenException(
                $"{server.Name} does not have the new keys", $"run 'mandos-keygen rotate {RotationContext.ServerOf(state)}' first");
        if (!old.IsKnown)
            return new($"{server.Name} has only the new keys", AlreadyThere: true);
        if (old.File != next.File)
            throw new KeygenException(
                $"{server.Name} has the old keys in {old.File} and the new ones in {next.File}", "move both sections into one file there");
        var name = SectionText.Name(old.Section!);
        using var keys = StoredKeys.Load(rotation.NewKeys);
        using var text = SecretBuffer.CopyOf(Encoding.UTF8.GetBytes(next.Section!));
        using var secret = SecretText.Find(text, keyId: null, out var problem)
            ?? throw new KeygenException($"{server.Name}: the section of the new keys has no secret: {problem}");
        var section = SectionText.ForKeys(old.Section!, name, rotation.NewKeyId, keys.Fingerprint, secret.Span);
        _installed = await server.PromoteAsync(
            old, rotation.OldKeyId, new(name, rotation.NewKeyId, section, secret.Span.ToArray()), cancellationToken).ConfigureAwait(false);
        state.HasReplacedWorking = true;
        return new($"[{name}] in {_installed.Place}") { Warnings = _installed.Warnings };
    }

    /// <inheritdoc/>
    public override async Task<string?> UndoAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        if (_installed is not { UndoAsync: { } undo } installed)
            return null;
        _installed = null;
        await undo(cancellationToken).ConfigureAwait(false);
        return $"restored {installed.Place}";
    }
}

/// <summary>Notes the new keys for the key slots that only a server has the passphrase of.</summary>
internal sealed class SlotOwnerStep(RotationContext rotation)
    : EnrolmentStep("slot", "note the new keys for the key slots of Mandos", "disks", "server")
{
    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var slots = new List<(string Device, MandosSlot Slot)>();
        foreach (var disk in state.Disks)
        {
            foreach (var slot in await state.Slots.FindAsync(disk.Device, rotation.OldKeyId, cancellationToken).ConfigureAwait(false))
            {
                await state.Slots.AssignAsync(disk.Device, slot, rotation.NewKeyId, cancellationToken).ConfigureAwait(false);
                slots.Add((disk.Device, slot));
            }
        }

        return slots.Count > 0 ? new(SlotStep.List(slots)) : new("there are none with the old keys", AlreadyThere: true);
    }
}

/// <summary>Removes the keys that are not in use, when no server needs them.</summary>
internal sealed class DropStep(RotationContext rotation, string title, params IReadOnlyList<string> needs)
    : EnrolmentStep("keys", title, needs)
{
    /// <inheritdoc/>
    public override Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var folder = rotation.Folder;
        if (!folder.Exists)
        {
            folder.Recover();
            return Task.FromResult(new StepResult("the rotation is over", AlreadyThere: true));
        }

        if (state.Options.Server is { } server)
        {
            if (!state.Options.Abort)
                folder.MarkFinishing();
            folder.RemoveServer(server);
        }

        if (folder.Servers is [var next, ..] && !state.Options.Force)
            return Task.FromResult(
                new StepResult($"kept, because {next} has both keys")
                {
                    Warnings = [$"next: mandos-keygen rotate {(state.Options.Abort ? "--abort" : "--finish")} {next}"],
                });
        folder.Drop();
        return Task.FromResult(new StepResult($"removed from {folder.Keys}"));
    }
}

/// <summary>Removes the section of the new keys.</summary>
internal sealed class WithdrawStep(RotationContext rotation)
    : EnrolmentStep("section", "remove the section of the new keys from the server", "server", "switch", "image")
{
    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        if (state.Ports.Server is not { } server || rotation.New is not { IsKnown: true } next)
            return new("there is none", AlreadyThere: true);
        await server.RemoveAsync(next, rotation.NewKeyId, SectionText.Name(next.Section!), cancellationToken).ConfigureAwait(false);
        return new($"removed from {server.Name}:/etc/mandos/{next.File}");
    }
}
