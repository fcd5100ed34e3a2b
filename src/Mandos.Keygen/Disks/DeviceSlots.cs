using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Disks;

/// <summary>Key slots whose passphrases only a Mandos server has: in the tokens of LUKS2, in a file for LUKS1.</summary>
internal sealed class DeviceSlots(Cryptsetup cryptsetup, string keyDirectory)
{
    private readonly SlotFile _file = new(keyDirectory);

    /// <summary>The slots of these keys on a device.</summary>
    /// <exception cref="KeygenException">They cannot be read.</exception>
    public async Task<IReadOnlyList<MandosSlot>> FindAsync(string device, string keyId, CancellationToken cancellationToken)
    {
        var header = await cryptsetup.HeaderAsync(device, cancellationToken).ConfigureAwait(false);
        var all = header.Version == 1
            ? _file.Read(await cryptsetup.UuidAsync(device, cancellationToken).ConfigureAwait(false), header.Salts)
            : header.Ours;
        return [.. all.Where(slot => slot.KeyId == keyId)];
    }

    /// <summary>Puts a passphrase into a free slot, and notes whose it is. After a failure nothing is left of it.</summary>
    /// <exception cref="KeygenException">It was not added.</exception>
    public async Task<MandosSlot> AddAsync(
        string device, string keyId, string server, SecretBuffer existing, SecretBuffer added, CancellationToken cancellationToken)
    {
        var header = await cryptsetup.HeaderAsync(device, cancellationToken).ConfigureAwait(false);
        if (header.FreeSlot is not { } number || (header.Version == 2 && header.FreeToken is null))
            throw new KeygenException(
                $"{device} has no free key slot", "remove one that is not needed with cryptsetup luksKillSlot, or omit --new-key-slot");
        var slot = new MandosSlot(number, header.Version == 2 ? header.FreeToken : null, keyId, server);
        try
        {
            await cryptsetup.AddAsync(device, number, existing, added, cancellationToken).ConfigureAwait(false);
            if (header.Version == 2)
                await cryptsetup.ImportTokenAsync(device, slot, cancellationToken).ConfigureAwait(false);
            else
                await NoteAsync(device, slot, cancellationToken).ConfigureAwait(false);
            return slot;
        }
        catch
        {
            // Another program may have taken the slot, so only our passphrase is removed.
            if (await cryptsetup.OpensAsync(device, added, number, CancellationToken.None).ConfigureAwait(false))
                await cryptsetup.KillAsync(device, number, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Notes other keys for a slot. If it is interrupted, the next call completes it.</summary>
    /// <exception cref="KeygenException">They were not noted.</exception>
    public async Task AssignAsync(string device, MandosSlot slot, string keyId, CancellationToken cancellationToken)
    {
        var header = await cryptsetup.HeaderAsync(device, cancellationToken).ConfigureAwait(false);
        if (slot.Token is not { } token)
        {
            await NoteAsync(device, slot with { KeyId = keyId }, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (slot.Slot is not null && !header.Ours.Any(one => one.KeyId == keyId && one.Slot == slot.Slot))
        {
            if (header.FreeToken is not { } free)
                throw new KeygenException($"{device} has no free token", "remove one that is not needed with 'cryptsetup token remove'");
            await cryptsetup.ImportTokenAsync(device, slot with { Token = free, KeyId = keyId }, cancellationToken).ConfigureAwait(false);
        }

        _ = await cryptsetup.RemoveTokenAsync(device, token, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a slot and the note about it.</summary>
    /// <exception cref="KeygenException">It was not removed, or only the note is left.</exception>
    public async Task RemoveAsync(string device, MandosSlot slot, CancellationToken cancellationToken)
    {
        if (slot.Slot is { } number)
            await cryptsetup.KillAsync(device, number, cancellationToken).ConfigureAwait(false);
        if (slot.Token is { } token)
            _ = await cryptsetup.RemoveTokenAsync(device, token, cancellationToken).ConfigureAwait(false);
        else
            _file.Remove(await cryptsetup.UuidAsync(device, cancellationToken).ConfigureAwait(false), slot.Slot!.Value);
    }

    private async Task NoteAsync(string device, MandosSlot slot, CancellationToken cancellationToken)
    {
        var uuid = await cryptsetup.UuidAsync(device, cancellationToken).ConfigureAwait(false);
        var header = await cryptsetup.HeaderAsync(device, cancellationToken).ConfigureAwait(false);
        _file.Add(uuid, header.Salts[slot.Slot!.Value], slot);
    }
}
