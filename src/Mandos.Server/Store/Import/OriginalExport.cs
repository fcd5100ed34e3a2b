using Mandos.Core.Durations;
using Mandos.Server.Clients;

namespace Mandos.Server.Store.Import;

/// <summary>
/// Exports our state in upstream's format, for an administrator who returns to upstream: disabled clients stay disabled, and settings
/// changed at run time are kept. A secret that was set at run time is lost: it would have to be encrypted with the one in the
/// configuration, which is not stored.
/// </summary>
/// <param name="Now">The current time in UTC.</param>
/// <param name="Digest">The secret digest of our store.</param>
internal sealed record OriginalExport(DateTime Now, SecretDigest Digest)
{
    /// <summary>How many clients are converted before they are written.</summary>
    private const int AtOnce = 256;

    /// <summary>Writes a <c>clients.pickle</c>; clients that are in no configuration are left out, as upstream does.</summary>
    internal void Write(StoredState state, Stream stream)
    {
        var clients = state.Clients
            .Where(c => state.Configured.ContainsKey(c.State.Name))
            .Chunk(AtOnce)
            .SelectMany(some => some.AsParallel().AsOrdered()
                .Select(c => KeyValuePair.Create(c.State.Name, (object?)Client(c, state.Configured[c.State.Name])))
                .ToList());
        PickleWriter.Write(
            new object?[] { clients, state.Configured.Values.Select(c => KeyValuePair.Create(c.Name, (object?)Section(c))) }, stream);
    }

    private Dictionary<string, object?> Client(StoredClient stored, ConfiguredClient configured)
    {
        var client = stored.State;
        var attributes = Settings(client.Settings);
        attributes["name"] = client.Name;
        attributes["key_id"] = client.KeyId?.ToString().ToUpperInvariant() ?? "";
        attributes["fingerprint"] = client.Fingerprint;
        attributes["created"] = client.Created;
        attributes["enabled"] = client.Enabled;
        attributes["last_enabled"] = client.LastEnabled;
        attributes["last_checked_ok"] = client.LastCheckedOk;
        attributes["last_checker_status"] = client.LastCheckerStatus;
        attributes["last_approval_request"] = client.LastApprovalRequest;
        attributes["expires"] = stored.Remaining is { } remaining ? Later(remaining) : null;
        attributes["approvals_pending"] = 0;
        foreach (var name
            in (string[])["approved", "current_checker_command", "checker_initiator_tag", "disable_initiator_tag", "checker_callback_tag"])
            attributes[name] = null;
        var isConfigured = Digest(client.Name, client.Secret) == configured.SecretDigest;
        attributes["encrypted_secret"] = OriginalSecret.Seal(client.Secret.Memory.Span, isConfigured ? client.Secret.Memory.Span : []);
        // Upstream also expects the names of all attributes that it is to restore.
        attributes["client_structure"] = attributes.Keys.ToList();
        return attributes;
    }

    /// <summary>Now plus the remaining time, limited to the maximum date.</summary>
    private DateTime Later(TimeSpan remaining) => DateTime.MaxValue - Now < remaining ? DateTime.MaxValue : Now + remaining;

    private static Dictionary<string, object?> Section(ConfiguredClient section)
    {
        var attributes = Settings(section.Settings);
        attributes["key_id"] = section.KeyId?.ToString().ToUpperInvariant() ?? "";
        attributes["fingerprint"] = section.Fingerprint;
        attributes["enabled"] = section.Enabled;
        attributes["last_approval_request"] = null;
        attributes["last_checked_ok"] = null;
        attributes["last_checker_status"] = ClientState.NoCheckYet;
        return attributes;
    }

    private static Dictionary<string, object?> Settings(ClientSettings settings) => ClientSetting.All.ToDictionary(
        s => s.SavedName, object? (s) => s.ValueOf(settings) is Duration duration ? duration.Value : s.ValueOf(settings));
}
