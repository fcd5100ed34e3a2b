using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>The content of a store. Owns its secrets until they are taken over.</summary>
/// <param name="Clients">The clients as last saved.</param>
/// <param name="Configured">The clients of the configuration at that time; one that is not among the clients was removed on the bus.
/// </param>
internal sealed record StoredState(IReadOnlyList<StoredClient> Clients, IReadOnlyDictionary<string, ConfiguredClient> Configured);

/// <summary>A saved client: its state without what lasts only for one run (checks, requests, decisions).</summary>
internal sealed record StoredClient
{
    internal required ClientState State { get; init; }

    /// <summary>
    /// How much time was left at the save, and the most that can be left now: by the monotonic clock if the machine has not restarted
    /// since, otherwise by the wall clock. Null while the client is disabled.
    /// </summary>
    internal TimeSpan? Remaining { get; init; }

    /// <summary>How much of the maintenance is left, computed like <see cref="Remaining"/>; null if the client is in none.</summary>
    internal TimeSpan? MaintenanceLeft { get; init; }

    /// <summary>
    /// Whether the client was saved in the current boot of the machine; a later read then yields the time that is left at that point.
    /// </summary>
    internal bool RunsOn { get; init; }
}

/// <summary>A section of the configuration, as it was when the store was written.</summary>
/// <param name="Name">The section.</param>
/// <param name="KeyId">Its key_id.</param>
/// <param name="Fingerprint">Its fingerprint.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Enabled">Its enabled.</param>
/// <param name="SecretDigest">A keyed digest of the secret; it shows only whether the secret has changed.</param>
internal sealed record ConfiguredClient(
    string Name, KeyId? KeyId, string Fingerprint, ClientSettings Settings, bool Enabled, string SecretDigest);
