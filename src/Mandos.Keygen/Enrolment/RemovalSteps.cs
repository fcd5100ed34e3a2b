using Mandos.Keygen.Disks;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Enrolment;

/// <summary>Removes the section from the server.</summary>
internal sealed class RemoveSectionStep() : EnrolmentStep("section", "remove the section from the server", "server")
{
    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        if (state.Ports.Server is not { } server)
            return new("no server was given, so remove the section there by hand");
        if (state.Server is not { IsKnown: true } found)
            return new($"{server.Name} does not know this machine", AlreadyThere: true);
        var client = await state.ClientNameAsync(cancellationToken).ConfigureAwait(false);
        await server.RemoveAsync(found, state.ReadKeyId(), client, cancellationToken).ConfigureAwait(false);
        return new(found.File is { } file ? $"removed from {server.Name}:/etc/mandos/{file}" : $"removed from {server.Name}");
    }
}

/// <summary>Finds the disks, which may have gone.</summary>
internal sealed class OptionalDisksStep() : EnrolmentStep("disks", "find the disks that are opened at boot")
{
    /// <inheritdoc/>
    public override bool OnlyLooks => true;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        try
        {
            return await new DisksStep().RunAsync(state, cancellationToken).ConfigureAwait(false);
        }
        catch (KeygenException error) when (state.Options.Devices.Count == 0)
        {
            return new("none, so no key slot is looked for") { Warnings = [error.Message] };
        }
    }
}

/// <summary>Removes the key slots that only the server has the passphrase of.</summary>
internal sealed class RemoveSlotsStep() : EnrolmentStep("slot", "remove the key slots for Mandos", "disks")
{
    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var (options, keyId) = (state.Options, state.ReadKeyId());
        var removed = new List<(string Device, MandosSlot Slot)>();
        foreach (var disk in state.Disks)
        {
            foreach (var slot in await state.Slots.FindAsync(disk.Device, keyId, cancellationToken).ConfigureAwait(false))
            {
                // Without the keys, no server's passphrase is of use.
                if (options.Server is not null && !options.RemoveKeys && slot.Server != options.ServerName)
                    continue;
                await state.Slots.RemoveAsync(disk.Device, slot, cancellationToken).ConfigureAwait(false);
                removed.Add((disk.Device, slot));
            }
        }

        return removed.Count > 0 ? new($"removed {SlotStep.List(removed)}") : new("there are none", AlreadyThere: true);
    }
}

/// <summary>Removes the key files.</summary>
internal sealed class RemoveKeysStep() : EnrolmentStep("keys", "remove the keys of this machine")
{
    /// <inheritdoc/>
    public override Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        foreach (var name in KeyDirectory.Names)
            File.Delete(Path.Combine(state.Options.Directory, name));
        return Task.FromResult(new StepResult($"removed from {state.Options.Directory}"));
    }
}
