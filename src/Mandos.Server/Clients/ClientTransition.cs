using System.Collections.Immutable;

namespace Mandos.Server.Clients;

/// <summary>One step of a client.</summary>
/// <param name="Before">Null: the client is new.</param>
/// <param name="After">Null: the client is gone.</param>
/// <param name="Effects">In their order.</param>
internal sealed record ClientTransition(ClientState? Before, ClientState? After, ImmutableArray<ClientEffect> Effects);
