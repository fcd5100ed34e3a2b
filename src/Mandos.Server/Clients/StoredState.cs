using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>What a store holds. Owns the secrets in it until they are taken over.</summary>
/// <param name="Clients">As they were saved last.</param>
/// <param name="Configured">
/// The clients of the configuration at that time; a name here that is not in the former was removed on the bus.
/// </param>
internal sealed record StoredState(IReadOnlyList<StoredClient> Clients, IReadOnlyDictionary<string, ConfiguredClient> Configured);

/// <summary>A client as it was saved: a state without what lives in a run only (checks, requests, decisions).</summary>
internal sealed record StoredClient
{
    internal required ClientState State { get; init; }

    /// <summary>
    /// How much of its time was left when it was saved, and how much at most is left now, by the clock of the machine if it
    /// has not been restarted since, else by the wall clock; null while it is disabled.
    /// </summary>
    internal TimeSpan? Remaining { get; init; }

    /// <summary>
    /// It was saved by the clock of this boot of the machine: read again later, it is found with the time that is left then.
    /// </summary>
    internal bool RunsOn { get; init; }
}

/// <summary>What a section of the configuration said.</summary>
/// <param name="Name">The section.</param>
/// <param name="KeyId">Its key_id.</param>
/// <param name="Fingerprint">Its fingerprint.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Enabled">Its enabled.</param>
/// <param name="SecretDigest">A keyed digest of its secret: shows whether it is another one, and nothing else.</param>
internal sealed record ConfiguredClient(
    string Name, KeyId? KeyId, string Fingerprint, ClientSettings Settings, bool Enabled, string SecretDigest);
