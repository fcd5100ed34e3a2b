using System.Collections.Immutable;

namespace Mandos.Server.Clients;

/// <summary>
/// All clients, as the bus and the reload see them. One loop applies events one after the other. A change that decides who may get a secret
/// is durable before it takes effect, is visible, or is acknowledged.
/// </summary>
internal interface IClientRegistry
{
    /// <summary>The current clients, in table order.</summary>
    ImmutableArray<ClientState> Clients { get; }

    /// <summary>The client with this name; null if there is none.</summary>
    ClientState? Find(string name);

    /// <summary>Applies an event to a client; completes when the result is durable and effective.</summary>
    Task<ChangeOutcome> ApplyAsync(string client, ClientEvent happening);

    /// <summary>Changes some of a client's settings, based on their values when the command is processed.</summary>
    Task<ChangeOutcome> ConfigureAsync(string client, Func<ClientSettings, ClientSettings> change);

    /// <summary>Adds a client that the configuration does not contain. Takes ownership of the secret in any case.</summary>
    Task<ChangeOutcome> AddAsync(ClientDefinition definition);

    /// <summary>Registers an observer. It first receives each existing client, and then every step.</summary>
    void Subscribe(IClientObserver observer);
}

/// <summary>The outcome of a change.</summary>
/// <param name="Kind">The kind of outcome.</param>
/// <param name="Detail">Why the change was not made, for the user; null if it was made.</param>
internal sealed record ChangeOutcome(ChangeOutcomeKind Kind, string? Detail = null)
{
    internal static ChangeOutcome Done { get; } = new(ChangeOutcomeKind.Done);

    internal static ChangeOutcome Stopping { get; } = new(ChangeOutcomeKind.NotSaved, "the server is stopping");

    internal static ChangeOutcome NoSuchClient(string name) => new(ChangeOutcomeKind.NoSuchClient, $"no client [{name}]");

    /// <summary>The change cannot be saved, and may or may not be effective.</summary>
    internal static ChangeOutcome NotSaved(string? problem, bool isDone) =>
        new(
            ChangeOutcomeKind.NotSaved,
            isDone ? $"it is done, but not saved yet: {problem}" : $"it is not done, because it cannot be saved: {problem}");
}

/// <summary>The kind of outcome of a change.</summary>
internal enum ChangeOutcomeKind
{
    Done,
    NoSuchClient,

    /// <summary>The name, the key or a value is not acceptable.</summary>
    Refused,

    /// <summary>The change could not be saved, or the server is stopping. Only the part that takes something away is effective.</summary>
    NotSaved,
}
