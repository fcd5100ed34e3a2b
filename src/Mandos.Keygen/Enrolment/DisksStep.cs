namespace Mandos.Keygen.Enrolment;

/// <summary>Finds the devices that the initramfs opens.</summary>
internal sealed class DisksStep() : EnrolmentStep("disks", "find the disks that are opened at boot")
{
    /// <inheritdoc/>
    public override bool OnlyLooks => true;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        var found = state.Options.Devices.Count > 0
            ? state.Ports.Disks.Named(state.Options.Devices)
            : state.Ports.Disks.Find(notes);
        foreach (var disk in found)
            _ = await state.Cryptsetup.HeaderAsync(disk.Device, cancellationToken).ConfigureAwait(false);
        state.Disks = found;
        return new(string.Join(", ", found.Select(disk => $"{disk.Device} ({disk.Reason})"))) { Warnings = notes };
    }
}
