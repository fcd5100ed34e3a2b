using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>Converts a client to and from a row. What lasts only for one run is left out.</summary>
internal static class ClientRow
{
    internal static string[] Columns { get; } =
    [
        "name", "key_id", "fingerprint", .. SettingsColumns.Names, "enabled",
        "created", "last_enabled", "last_checked_ok", "last_approval_request", "last_checker_status", "secrets_given",
        "expires", "remaining", "saved", "saved_boot", "boot_id", "secret",
        // Since version 2 of the tables.
        "last_disabled",
        // Since version 3.
        "maintenance_left",
        // Since version 4: 1, or null.
        "expiry_held",
    ];

    /// <summary>Returns the values in column order.</summary>
    /// <param name="client">The client.</param>
    /// <param name="box">The client's sealed secret.</param>
    /// <param name="now">The current time, from which the remaining time is computed.</param>
    /// <param name="boot">The clock of the boot, for the case that only this server restarts.</param>
    internal static object?[] Of(ClientState client, byte[] box, Moment now, BootClock boot) =>
    [
        client.Name, client.KeyId?.ToString(), client.Fingerprint, .. SettingsColumns.Of(client.Settings), client.Enabled ? 1L : 0,
        client.Created.Ticks, client.LastEnabled?.Ticks, client.LastCheckedOk?.Ticks, client.LastApprovalRequest?.Ticks,
        (long)client.LastCheckerStatus, client.SecretsGiven,
        client.Expires?.Wall.Ticks, (client.Expires?.Monotonic - now.Monotonic)?.Ticks, now.Wall.Ticks, boot.Elapsed().Ticks, boot.BootId,
        box,
        client.LastDisabled?.Ticks,
        (client.Maintenance?.Monotonic - now.Monotonic)?.Ticks,
        client.IsExpiryHeld ? 1L : null,
    ];

    /// <summary>Reads the client of a row.</summary>
    /// <param name="row">Its values.</param>
    /// <param name="open">Unseals the secret of a client.</param>
    /// <param name="now">The wall clock, in UTC.</param>
    /// <param name="boot">The clock of the machine.</param>
    internal static StoredClient Read(RowReader row, Func<string, byte[], ClientSecret> open, DateTime now, BootClock boot)
    {
        var name = row.Text();
        var key = row.Key();
        var fingerprint = row.Text();
        var settings = SettingsColumns.Read(row);
        var enabled = row.Flag();
        var created = row.Instant();
        var lastEnabled = row.OptionalInstant();
        var lastCheckedOk = row.OptionalInstant();
        var lastApprovalRequest = row.OptionalInstant();
        var lastCheckerStatus = (int)row.Number();
        var secretsGiven = row.Number();
        var expires = row.OptionalInstant();
        var remained = row.OptionalNumber();
        var elapsed = Elapsed(row, now, boot, out var isSameBoot);
        var secret = row.Blob();
        var lastDisabled = row.OptionalInstant();
        var maintenance = row.OptionalNumber();
        var isHeld = row.OptionalNumber() is not null;
        var state = new ClientState
        {
            Name = name,
            KeyId = key,
            Fingerprint = fingerprint,
            Created = created,
            Settings = settings,
            Secret = open(name, secret),
            Enabled = enabled,
            LastEnabled = lastEnabled,
            LastDisabled = lastDisabled,
            LastCheckedOk = lastCheckedOk,
            LastApprovalRequest = lastApprovalRequest,
            LastCheckerStatus = lastCheckerStatus,
            SecretsGiven = secretsGiven,
            Expires = expires is { } wall ? new Moment(wall, default) : null,
            IsExpiryHeld = isHeld,
        };
        return new StoredClient
        {
            State = state,
            Remaining = remained is { } ticks ? TimeSpan.FromTicks(ticks) - elapsed : null,
            MaintenanceLeft = maintenance is { } rest ? TimeSpan.FromTicks(rest) - elapsed : null,
            RunsOn = isSameBoot,
        };
    }

    /// <summary>
    /// Returns the time since the save, by the monotonic clock if the boot is the same. If the wall clock was set back since, the result is
    /// zero, so that no client ever has more time left than before.
    /// </summary>
    private static TimeSpan Elapsed(RowReader row, DateTime now, BootClock boot, out bool isSameBoot)
    {
        var byWall = now - row.Instant();
        var byBoot = boot.Elapsed() - TimeSpan.FromTicks(row.Number());
        isSameBoot = row.Text() is { Length: > 0 } id && id == boot.BootId;
        var elapsed = isSameBoot ? byBoot : byWall;
        return elapsed < TimeSpan.Zero ? TimeSpan.Zero : elapsed;
    }
}
