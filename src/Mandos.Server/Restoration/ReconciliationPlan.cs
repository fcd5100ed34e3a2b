using System.Collections.Immutable;
using Mandos.Server.Clients;

namespace Mandos.Server.Restoration;

/// <summary>
/// What has to be done to the table of clients so that it follows the configuration. Owns the secrets in it until it is
/// carried out; a caller that does not carry it out disposes it.
/// </summary>
internal sealed record ReconciliationPlan : IDisposable
{
    /// <summary>In their order; at a start there is nothing but additions, to an empty table.</summary>
    internal required ImmutableArray<ReconciliationStep> Steps { get; init; }

    /// <summary>The order of the whole table afterwards.</summary>
    internal required ImmutableArray<string> Order { get; init; }

    /// <summary>What the table is made of afterwards.</summary>
    internal required TableOrigin Origin { get; init; }

    /// <summary>For the log.</summary>
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

/// <summary>What happens to one client.</summary>
internal abstract record ReconciliationStep
{
    private ReconciliationStep(string name) => Name = name;

    /// <summary>Of the client.</summary>
    internal string Name { get; }

    /// <summary>Restored or new; <see cref="ClientEvent.Started"/> happens to it next.</summary>
    internal sealed record Add(ClientState State) : ReconciliationStep(State.Name);

    /// <summary>Something about it was changed in the configuration.</summary>
    internal sealed record Change(string Client, ImmutableArray<ClientEvent> Events) : ReconciliationStep(Client);

    /// <summary>It is no longer in the configuration, or another machine has its name now (it is added again in a later step).</summary>
    internal sealed record Remove(string Client) : ReconciliationStep(Client);
}

/// <summary>
/// What a table of clients was made of, for the next reconciliation; the one who holds it disposes it when the next plan was
/// carried out.
/// </summary>
/// <param name="Configured">Goes into <see cref="IClientStore.Replace"/>.</param>
/// <param name="Dormant">
/// Clients of the original's state whose secrets cannot be read, as their sections are wrong: not served, not in the table, but
/// their names are taken; they go into <see cref="IClientStore.Replace"/> behind those of the table, so that they are as they
/// were when their sections are mended.
/// </param>
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

/// <summary>Something that an administrator should know.</summary>
/// <param name="Client">About whom.</param>
/// <param name="Text">What, after the name of the client.</param>
/// <param name="IsWarning">It is a restriction of a client.</param>
internal sealed record ReconciliationNotice(string Client, string Text, bool IsWarning);
