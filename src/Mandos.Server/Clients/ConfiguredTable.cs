using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>The current content of the configuration.</summary>
/// <param name="Clients">The clients in table order. The plan takes ownership of their secrets or releases them.</param>
/// <param name="Faulty">The names of invalid sections.</param>
/// <param name="IsWhole">False if a file could not be read: a missing client may be in that file.</param>
internal sealed record ConfiguredTable(IReadOnlyList<ClientDefinition> Clients, IReadOnlySet<string> Faulty, bool IsWhole = true)
{
    /// <summary>
    /// The names of all clients in the configuration; one that is not among <see cref="Clients"/> has not changed since the last reading.
    /// </summary>
    internal IReadOnlyList<string> Order { get; init; } = [.. Clients.Select(client => client.Name)];

    /// <summary>The option mass_failure: the share of clients, in percent, that makes a mass failure; null for none.</summary>
    internal int? MassFailure { get; init; }
}

/// <summary>A client as its section of the configuration describes it. Owns the secret until it is handed over.</summary>
internal sealed record ClientDefinition(
    string Name, KeyId? KeyId, string Fingerprint, ClientSettings Settings, bool Enabled, ClientSecret Secret);

/// <summary>A digest of a client's secret; see <see cref="ConfiguredClient.SecretDigest"/>.</summary>
internal delegate string SecretDigest(string client, ClientSecret secret);
