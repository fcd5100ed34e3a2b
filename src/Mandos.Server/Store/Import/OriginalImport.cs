using Mandos.Core.Secrets;
using Mandos.Server.Clients;

namespace Mandos.Server.Store.Import;

/// <summary>Converts upstream's saved state to what our own store would contain, so that the same reconciliation follows.</summary>
/// <param name="Saved">When upstream wrote the state.</param>
/// <param name="Now">The current time in UTC.</param>
/// <param name="Digest">The secret digest of our store.</param>
internal sealed record OriginalImport(DateTime Saved, DateTime Now, SecretDigest Digest)
{
    /// <summary>
    /// Converts the state of all clients in the configuration, whose secrets are borrowed. A client that is no longer configured is left
    /// out, as upstream does.
    /// </summary>
    internal StoredState Convert(OriginalState original, ConfiguredTable configuration)
    {
        var secrets = OpenSecrets(original, configuration.Clients);
        var clients = new List<StoredClient>();
        var configured = new Dictionary<string, ConfiguredClient>();
        foreach (var definition in configuration.Clients)
        {
            var opened = secrets.GetValueOrDefault(definition.Name);
            if (original.Clients.TryGetValue(definition.Name, out var client))
                clients.Add(Client(client, definition, opened ?? new SecretBuffer(0)));
            if (original.Configured.TryGetValue(definition.Name, out var section))
                configured[definition.Name] = Section(section, definition, isSameSecret: opened is not null);
        }

        foreach (var name
            in configuration.IsWhole
                ? configuration.Faulty
                : configuration.Faulty.Union(original.Configured.Keys).Except(configuration.Clients.Select(c => c.Name)))
        {
            // Their saved secrets cannot be decrypted without their sections; the configured secrets replace them when the sections are
            // fixed.
            using var nothing = new ClientSecret(new SecretBuffer(0));
            var definition = new ClientDefinition(name, null, "", new ClientSettings(), Enabled: true, nothing);
            if (original.Clients.TryGetValue(name, out var client))
                clients.Add(Client(client, definition, new SecretBuffer(0)));
            if (original.Configured.TryGetValue(name, out var section))
                configured[name] = Section(section, definition, isSameSecret: false);
        }

        return new StoredState(clients, configured);
    }

    /// <summary>Decrypts the saved secrets. Deriving each key takes a good part of a second of processor time, as gpg intends.</summary>
    private static Dictionary<string, SecretBuffer> OpenSecrets(OriginalState original, IReadOnlyList<ClientDefinition> definitions)
    {
        var messages = definitions
            .Where(d => original.Clients.ContainsKey(d.Name))
            .Select(d => (Definition: d, Message: original.Clients[d.Name].Bytes("encrypted_secret")))
            .ToList();
        return messages
            .AsParallel()
            .Select(m =>
                (m.Definition.Name, Secret: m.Message is null ? null : OriginalSecret.Open(m.Message, m.Definition.Secret.Memory.Span)))
            .Where(s => s.Secret is not null)
            .ToDictionary(s => s.Name, s => s.Secret!);
    }

    private StoredClient Client(OriginalRecord client, ClientDefinition definition, SecretBuffer secret)
    {
        var enabled = client.Enabled() ?? definition.Enabled;
        return new StoredClient
        {
            State = new ClientState
            {
                Name = definition.Name,
                KeyId = client.Key(),
                Fingerprint = client.Fingerprint() ?? "",
                Created = client.Instant("created") ?? Now,
                Settings = client.Settings(definition.Settings),
                Secret = new ClientSecret(secret),
                Enabled = enabled,
                LastEnabled = client.Instant("last_enabled"),
                LastCheckedOk = client.Instant("last_checked_ok"),
                LastApprovalRequest = client.Instant("last_approval_request"),
                LastCheckerStatus = client.Number("last_checker_status") ?? ClientState.NoCheckYet,
            },
            Remaining = enabled ? Remaining(client.Instant("expires")) : null,
        };
    }

    /// <summary>
    /// Returns the time left. The saved state contains only wall clock times; a clock that was set back gives no client more time.
    /// </summary>
    private TimeSpan Remaining(DateTime? expires)
    {
        if (expires is not { } instant)
            return TimeSpan.Zero;
        var elapsed = Now - Saved;
        return instant - Saved - (elapsed < TimeSpan.Zero ? TimeSpan.Zero : elapsed);
    }

    private ConfiguredClient Section(OriginalRecord section, ClientDefinition definition, bool isSameSecret) => new(
        definition.Name,
        section.Key(),
        section.Fingerprint() ?? "",
        section.Settings(definition.Settings),
        section.Enabled() ?? definition.Enabled,
        isSameSecret ? Digest(definition.Name, definition.Secret) : "");
}
