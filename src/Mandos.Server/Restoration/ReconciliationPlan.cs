using System.Collections.Immutable;
using Mandos.Server.Clients;

namespace Mandos.Server.Restoration;

/// <summary>
/// The changes that make the table of clients match the configuration. Owns its secrets until it is carried out; a caller that does not
/// carry it out disposes it.
/// </summary>
internal sealed record ReconciliationPlan : IDisposable
{
    /// <summary>The steps in order; at a start they are all additions to an empty table.</summary>
    internal required ImmutableArray<ReconciliationStep> Steps { get; init; }

    /// <summary>The order of the whole table after the changes.</summary>
    internal required ImmutableArray<string> Order { get; init; }

    /// <summary>What the table is built from after the changes.</summary>
    internal required TableOrigin Origin { get; init; }

    /// <summary>Notices for the log.</summary>
    internal required ImmutableArray<ReconciliationNotice> Notices { get; init; }

    /// <summary>Releases all secrets of a plan that is not carried out.</summary>
    public void Dispose()
    {
        foreach (var step in Steps)
        {
            if (step is ReconciliationStep.Add add)
                add.State.Secret.Dispose();
            else if (step is ReconciliationStep.Change change)
                change.Events.OfType<ClientEvent.ReplaceSecret>().FirstOrDefault()?.Secret.Dispose();
        }

        Origin.Dispose();
    }
}

/// <summary>A change of one client.</summary>
internal abstract record ReconciliationStep
{
    private ReconciliationStep(string name) => Name = name;

    /// <summary>The name of the client.</summary>
    internal string Name { get; }

    /// <summary>A restored or new client; its next event is <see cref="ClientEvent.Started"/>.</summary>
    internal sealed record Add(ClientState State) : ReconciliationStep(State.Name);

    /// <summary>The section of the client has changed.</summary>
    internal sealed record Change(string Client, ImmutableArray<ClientEvent> Events) : ReconciliationStep(Client);

    /// <summary>The client is no longer in the configuration, or another machine has its name now (which a later step adds).</summary>
    internal sealed record Remove(string Client) : ReconciliationStep(Client);
}

/// <summary>
/// What a table of clients was built from, for the next reconciliation. The holder disposes it after the next plan has been carried out.
/// </summary>
/// <param name="Configured">Goes into <see cref="IClientStore.Replace"/>.</param>
/// <param name="Dormant">Clients from upstream's state whose secrets cannot be decrypted because their sections are invalid. They are not
/// served and not in the table, but their names are reserved. <see cref="IClientStore.Replace"/> saves them after those of the table, so
/// that they are unchanged when their sections are fixed.</param>
internal sealed record TableOrigin(ImmutableArray<ConfiguredClient> Configured, ImmutableArray<ClientState> Dormant) : IDisposable
{
    internal static TableOrigin Nothing { get; } = new([], []);

    /// <summary>Releases the secrets.</summary>
    public void Dispose()
    {
        foreach (var client in Dormant)
            client.Secret.Dispose();
    }
}

/// <summary>A notice for the administrator.</summary>
/// <param name="Client">The name of the client.</param>
/// <param name="Text">The text, which follows the name of the client.</param>
/// <param name="IsWarning">Whether the notice is about a restriction of the client.</param>
internal sealed record ReconciliationNotice(string Client, string Text, bool IsWarning);
