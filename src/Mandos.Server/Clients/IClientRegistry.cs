using System.Collections.Immutable;

namespace Mandos.Server.Clients;

/// <summary>
/// All clients, as the bus and the reload see them. One loop applies one event after the other; what decides who may get a
/// secret is durable before it is effective, seen, or acknowledged.
/// </summary>
internal interface IClientRegistry
{
    /// <summary>In the order of the table, as of now.</summary>
    ImmutableArray<ClientState> Clients { get; }

    /// <summary>By name; null if there is none.</summary>
    ClientState? Find(string name);

    /// <summary>Has an event happen to a client; completes when it is durable and effective.</summary>
    Task<ChangeOutcome> ApplyAsync(string client, ClientEvent happening);

    /// <summary>Changes some of a client's settings, from what they are when its turn comes.</summary>
    Task<ChangeOutcome> ConfigureAsync(string client, Func<ClientSettings, ClientSettings> change);

    /// <summary>Adds a client that the configuration does not know; it takes over the secret in any case.</summary>
    Task<ChangeOutcome> AddAsync(ClientDefinition definition);

    /// <summary>From now on sees every step; before, called for each client that exists, with nothing before it.</summary>
    void Subscribe(IClientObserver observer);
}

/// <summary>What became of a change.</summary>
/// <param name="Kind">In short.</param>
/// <param name="Detail">For people: why not; null if it was done.</param>
internal sealed record ChangeOutcome(ChangeOutcomeKind Kind, string? Detail = null)
{
    internal static ChangeOutcome Done { get; } = new(ChangeOutcomeKind.Done);

    internal static ChangeOutcome Stopping { get; } = new(ChangeOutcomeKind.NotSaved, "the server is stopping");

    internal static ChangeOutcome NoSuchClient(string name) => new(ChangeOutcomeKind.NoSuchClient, $"no client [{name}]");

    /// <summary>It cannot be saved, because of a problem, and is effective or not.</summary>
    internal static ChangeOutcome NotSaved(string? problem, bool isDone) =>
        new(
            ChangeOutcomeKind.NotSaved,
            isDone ? $"it is done, but not saved yet: {problem}" : $"it is not done, because it cannot be saved: {problem}");
}

/// <summary>What became of a change, in short.</summary>
internal enum ChangeOutcomeKind
{
    Done,
    NoSuchClient,

    /// <summary>The name, the key or a value is not possible.</summary>
    Refused,

    /// <summary>It could not be made durable, or the server stops, and has no effect but where it takes something away.</summary>
    NotSaved,
}
