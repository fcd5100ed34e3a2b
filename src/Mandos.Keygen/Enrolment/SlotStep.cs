using System.Globalization;
using Mandos.Keygen.Disks;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Enrolment;

/// <summary>Gives Mandos a random passphrase of its own, in a free key slot of each device.</summary>
internal sealed class SlotStep() : EnrolmentStep("slot", "add a key slot for Mandos", "passphrase")
{
    private readonly List<(string Device, MandosSlot Slot)> _added = [];
    private readonly List<(string Device, MandosSlot Slot)> _replaced = [];

    /// <inheritdoc/>
    public override string Plan(EnrolmentState state) =>
        $"add a random passphrase to a free key slot of {string.Join(", ", state.Disks.Select(disk => disk.Device))}, unless it is there";

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var keyId = state.ReadKeyId();
        var (server, slots) = (state.Options.ServerName, state.Slots);
        if (state.IsOnServer && await IsInOwnSlotAsync(state, keyId, cancellationToken).ConfigureAwait(false))
            return new("the server has the passphrase of a key slot of its own", AlreadyThere: true);
        state.Added = RandomPassphrase.Create();
        foreach (var disk in state.Disks)
        {
            var all = await slots.FindAsync(disk.Device, keyId, cancellationToken).ConfigureAwait(false);
            var own = all.Where(slot => slot.Server == server).Select(slot => (disk.Device, slot)).ToList();
            if (own.Count > 0 && state.Options.Via == SectionRoute.Print)
                throw new KeygenException(
                    $"{List(own)} is for Mandos already, and its passphrase is only in the section that was printed",
                    "remove it first: mandos-keygen unenroll --step=slot");
            _replaced.AddRange(own);
            _added.Add(
                (disk.Device,
                    await slots.AddAsync(disk.Device, keyId, server, state.Existing!, state.Added, cancellationToken)
                        .ConfigureAwait(false)));
        }

        return new(List(_added));
    }

    /// <inheritdoc/>
    public override async Task<string?> UndoAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        if (_added.Count == 0)
            return null;
        foreach (var (device, slot) in _added)
            await state.Slots.RemoveAsync(device, slot, cancellationToken).ConfigureAwait(false);
        var text = $"removed {List(_added)} again";
        _added.Clear();
        return text;
    }

    /// <summary>The passphrase of the slots that this server had before is in no section any more.</summary>
    public override async Task CompleteAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        foreach (var (device, slot) in _replaced)
            await state.Slots.RemoveAsync(device, slot, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<bool> IsInOwnSlotAsync(EnrolmentState state, string keyId, CancellationToken cancellationToken)
    {
        foreach (var disk in state.Disks)
        {
            var own = await state.Slots.FindAsync(disk.Device, keyId, cancellationToken).ConfigureAwait(false);
            var opens = false;
            foreach (var slot in own.Where(slot => slot.Slot is not null && slot.Server == state.Options.ServerName))
                opens = opens
                    || await state.Cryptsetup.OpensAsync(disk.Device, state.Existing!, slot.Slot, cancellationToken).ConfigureAwait(false);
            if (!opens)
                return false;
        }

        return true;
    }

    internal static string List(IEnumerable<(string Device, MandosSlot Slot)> slots) => string.Join(
        ", ", slots.Select(one => string.Create(CultureInfo.InvariantCulture, $"key slot {one.Slot.Slot} of {one.Device}")));
}
