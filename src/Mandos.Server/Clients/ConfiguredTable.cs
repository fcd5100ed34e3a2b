using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>What the configuration says now.</summary>
/// <param name="Clients">In the order of the table; their secrets go over to the plan, or are let go.</param>
/// <param name="Faulty">Names of sections that are there but wrong.</param>
/// <param name="IsWhole">False if a file could not be read: who is not in the others may be in that one.</param>
internal sealed record ConfiguredTable(IReadOnlyList<ClientDefinition> Clients, IReadOnlySet<string> Faulty, bool IsWhole = true)
{
    /// <summary>
    /// The names of all clients of the configuration; one that is not among <see cref="Clients"/> is as it was the last time.
    /// </summary>
    internal IReadOnlyList<string> Order { get; init; } = [.. Clients.Select(client => client.Name)];
}

/// <summary>A client as a section of the configuration describes it. Owns its secret until it is handed over.</summary>
internal sealed record ClientDefinition(
    string Name, KeyId? KeyId, string Fingerprint, ClientSettings Settings, bool Enabled, ClientSecret Secret);

/// <summary>A digest of a client's secret; see <see cref="ConfiguredClient.SecretDigest"/>.</summary>
internal delegate string SecretDigest(string client, ClientSecret secret);
