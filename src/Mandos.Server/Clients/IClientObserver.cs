using System.Collections.Immutable;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>Sees every step of every client once it is durable, in order. Called by the registry's own loop: it must not block.</summary>
internal interface IClientObserver
{
    void Observe(ClientTransition transition);

    /// <summary>The clients that exist when it begins to observe.</summary>
    void ObserveAll(ImmutableArray<ClientState> clients)
    {
        foreach (var client in clients)
            Observe(new ClientTransition(null, client, []));
    }

    /// <summary>A peer proved that it holds a key that no client has.</summary>
    void ObserveUnknown(KeyId key, string address);
}
