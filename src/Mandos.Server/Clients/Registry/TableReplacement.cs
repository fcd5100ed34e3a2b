namespace Mandos.Server.Clients.Registry;

/// <summary>The new table after a reload of the configuration.</summary>
/// <param name="Clients">All clients, in their order; one that is missing here is removed.</param>
/// <param name="Configured">The content of the configuration, saved with the clients.</param>
/// <param name="Dormant">Clients that are saved but not served.</param>
internal sealed record TableReplacement(
    IReadOnlyList<ClientReplacement> Clients, IReadOnlyList<ConfiguredClient> Configured, IReadOnlyList<ClientState> Dormant);

/// <summary>The change to one client when the table is replaced.</summary>
internal abstract record ClientReplacement
{
    private ClientReplacement()
    {
    }

    /// <summary>A client that stays, with its connections, its checks and its time. Null values stay unchanged.</summary>
    /// <param name="Name">The name of a client in the table.</param>
    /// <param name="Settings">All settings.</param>
    /// <param name="Secret">A new secret; always taken over.</param>
    /// <param name="Enabled">Whether the client is enabled.</param>
    internal sealed record Keep(string Name, ClientSettings? Settings = null, ClientSecret? Secret = null, bool? Enabled = null)
        : ClientReplacement;

    /// <summary>A client that is new or replaces another of the same name; its secret is always taken over.</summary>
    internal sealed record Add(ClientState Client) : ClientReplacement;
}
