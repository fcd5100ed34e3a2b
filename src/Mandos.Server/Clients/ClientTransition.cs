using System.Collections.Immutable;

namespace Mandos.Server.Clients;

/// <summary>One step of a client.</summary>
/// <param name="Before">Null: the client is new.</param>
/// <param name="After">Null: the client is gone.</param>
/// <param name="Effects">In their order.</param>
internal sealed record ClientTransition(ClientState? Before, ClientState? After, ImmutableArray<ClientEffect> Effects);

/// <summary>Fills in a client's checker command as of this state. Depends on nothing else, and never throws.</summary>
internal delegate ExpandedCommand CommandExpansion(ClientState client);

/// <summary>What became of a checker command; one of both is null.</summary>
/// <param name="Command">For the shell, all filled in.</param>
/// <param name="Problem">Why it could not be.</param>
internal readonly record struct ExpandedCommand(string? Command, string? Problem);
