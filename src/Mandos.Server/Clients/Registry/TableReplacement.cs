namespace Mandos.Server.Clients.Registry;

/// <summary>What the table is to be after a reload of the configuration.</summary>
/// <param name="Clients">All of them, in their order; who is not here is removed.</param>
/// <param name="Configured">What the configuration says, to be saved with them.</param>
/// <param name="Dormant">Clients that are saved with them and not served.</param>
internal sealed record TableReplacement(
    IReadOnlyList<ClientReplacement> Clients, IReadOnlyList<ConfiguredClient> Configured, IReadOnlyList<ClientState> Dormant);

/// <summary>What becomes of a client when the table is replaced.</summary>
internal abstract record ClientReplacement
{
    private ClientReplacement()
    {
    }

    /// <summary>One that stays, with its connections, its checks and its time. What is null stays too.</summary>
    /// <param name="Name">Of a client in the table.</param>
    /// <param name="Settings">All of them.</param>
    /// <param name="Secret">Taken over, in any case.</param>
    /// <param name="Enabled">Whether it is to be enabled.</param>
    internal sealed record Keep(string Name, ClientSettings? Settings = null, ClientSecret? Secret = null, bool? Enabled = null)
        : ClientReplacement;

    /// <summary>A new one, or one that takes the place of another of that name; its secret is taken over, in any case.</summary>
    internal sealed record Add(ClientState Client) : ClientReplacement;
}
