using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>A client as a row: what lives in a run only is left out.</summary>
internal static class ClientRow
{
    internal static string[] Columns { get; } =
    [
        "name", "key_id", "fingerprint", .. SettingsColumns.Names, "enabled",
        "created", "last_enabled", "last_checked_ok", "last_approval_request", "last_checker_status", "secrets_given",
        "expires", "remaining", "saved", "saved_boot", "boot_id", "secret",
    ];

    /// <summary>The values, in the order of the columns.</summary>
    /// <param name="client">The client.</param>
    /// <param name="box">Its secret, sealed.</param>
    /// <param name="now">To compute how much of its time is left.</param>
    /// <param name="boot">The same for a restart of this server alone.</param>
    internal static object?[] Of(ClientState client, byte[] box, Moment now, BootClock boot) =>
    [
        client.Name, client.KeyId?.ToString(), client.Fingerprint, .. SettingsColumns.Of(client.Settings), client.Enabled ? 1L : 0,
        client.Created.Ticks, client.LastEnabled?.Ticks, client.LastCheckedOk?.Ticks, client.LastApprovalRequest?.Ticks,
        (long)client.LastCheckerStatus, client.SecretsGiven,
        client.Expires?.Wall.Ticks, (client.Expires?.Monotonic - now.Monotonic)?.Ticks, now.Wall.Ticks, boot.Elapsed().Ticks, boot.BootId,
        box,
    ];

    /// <summary>The client of a row.</summary>
    /// <param name="row">Its values.</param>
    /// <param name="open">Unseals the secret of a client.</param>
    /// <param name="now">By the wall clock, UTC.</param>
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
        var state = new ClientState
        {
            Name = name,
            KeyId = key,
            Fingerprint = fingerprint,
            Created = created,
            Settings = settings,
            Secret = open(name, row.Blob()),
            Enabled = enabled,
            LastEnabled = lastEnabled,
            LastCheckedOk = lastCheckedOk,
            LastApprovalRequest = lastApprovalRequest,
            LastCheckerStatus = lastCheckerStatus,
            SecretsGiven = secretsGiven,
            Expires = expires is { } wall ? new Moment(wall, default) : null,
        };
        return new StoredClient
        {
            State = state,
            Remaining = remained is { } ticks ? TimeSpan.FromTicks(ticks) - elapsed : null,
            RunsOn = isSameBoot
        };
    }

    /// <summary>
    /// Since it was saved; by the monotonic clock where it still runs. A wall clock that was set back since makes it
    /// nothing, so that no client ever has more time left than there was.
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
