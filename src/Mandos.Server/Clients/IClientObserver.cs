using System.Collections.Immutable;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>
/// Observes every step of every client, in order and after it is durable. The registry's loop calls it, so it must not block.
/// </summary>
internal interface IClientObserver
{
    void Observe(ClientTransition transition);

    /// <summary>Receives the clients that exist when the observation begins.</summary>
    void ObserveAll(ImmutableArray<ClientState> clients)
    {
        foreach (var client in clients)
            Observe(new ClientTransition(null, client, []));
    }

    /// <summary>A peer proved that it holds a key that belongs to no client.</summary>
    void ObserveUnknown(KeyId key, string address);
}
