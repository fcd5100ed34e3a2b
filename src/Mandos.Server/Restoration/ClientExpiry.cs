using Mandos.Server.Clients;

namespace Mandos.Server.Restoration;

/// <summary>
/// Whether the clients of a <see cref="Reconciliation"/> are enabled, and when they expire. Adds notices about those that expired while no
/// server ran.
/// </summary>
internal sealed class ClientExpiry(Moment now, ICollection<ReconciliationNotice> notices)
{
    /// <summary>The failure of most clients at a start; null if there is none.</summary>
    internal MassFailure? MassFailure { get; set; }

    /// <summary>Restores a saved client; its time continues with what is left.</summary>
    internal ClientState Restore(StoredClient stored) => stored.State with
    {
        Expires = stored.State.Enabled ? now + Positive(stored.Remaining ?? TimeSpan.Zero) : null,
        Maintenance = stored is { State.Enabled: true, MaintenanceLeft: { } left } ? now + Positive(left) : null,
    };

    /// <summary>Ends maintenance for another machine, which must not inherit it.</summary>
    internal ClientState WithoutMaintenance(ClientState client)
    {
        if (client is not { Maintenance: not null, Expires: { } end })
            return client;
        var life = now + client.Settings.Timeout.Value;
        return client with { Maintenance = null, Expires = life.Monotonic < end.Monotonic ? life : end };
    }

    /// <summary>Enables or disables a client if the configuration has changed in that.</summary>
    internal ClientState FollowEnabled(ClientState client, ConfiguredClient? before, ConfiguredClient section)
    {
        if (before is null || before.Enabled == section.Enabled || client.Enabled == section.Enabled)
            return client;
        return section.Enabled
            ? client with { Enabled = true, LastEnabled = now.Wall, Expires = now + client.Settings.Timeout.Value, IsExpiryHeld = false }
            : Disable(client);
    }

    /// <summary>
    /// Handles a client that expired while no server ran: it is disabled, unless its last check succeeded, or it was in maintenance, or
    /// most clients fail. This way a server that was off for long does not lock out a whole fleet.
    /// </summary>
    internal ClientState ExpireOrStart(ClientState client)
    {
        if (client.Expires is not { } expires || !expires.HasCome(now))
            return client;
        if (client is { LastCheckedOk: not null, LastCheckerStatus: 0 } or { Maintenance: not null })
            return client with { Expires = now + client.Settings.Timeout.Value };
        if (MassFailure is { } cause && client is { LastCheckedOk: not null, IsExpiryHeld: false, Settings.ApprovedByDefault: true })
        {
            notices.Add(new(
                client.Name,
                $"stays enabled: its timeout ended while no server was running, and its last check failed, as did those of {cause.Failing} "
                    + $"of {cause.Checked} clients (mass_failure)",
                IsWarning: true));
            return client with { Expires = now + client.Settings.Timeout.Value, IsExpiryHeld = true };
        }

        var reason = client.LastCheckedOk is null ? "no check ever succeeded" : "its last check failed";
        notices.Add(new(client.Name, $"is disabled: its timeout ended while no server was running, and {reason}", IsWarning: true));
        return Disable(client);
    }

    private ClientState Disable(ClientState client) =>
        client with { Enabled = false, LastDisabled = now.Wall, Expires = null, Maintenance = null, IsExpiryHeld = false };

    private static TimeSpan Positive(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;
}
