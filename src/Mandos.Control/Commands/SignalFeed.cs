using System.Threading.Channels;
using Mandos.BusClient;

namespace Mandos.Control.Commands;

/// <summary>The server's signals in order, with the clients as the signals leave them.</summary>
internal sealed class SignalFeed(ServerConnection server)
{
    private readonly Channel<ServerSignal> _signals = Channel.CreateUnbounded<ServerSignal>(new() { SingleReader = true });
    private readonly Dictionary<string, ClientState> _clients = [];

    /// <summary>Whether a server has answered.</summary>
    internal bool HasServer { get; private set; }

    /// <summary>The clients known now.</summary>
    internal IReadOnlyDictionary<string, ClientState> Clients => _clients;

    /// <summary>Begins: signals from now on are kept, and the clients are those of now.</summary>
    /// <exception cref="BusFailure">The bus or the server failed; without a server there are no clients.</exception>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        await server.WatchAsync(signal => _signals.Writer.TryWrite(signal), cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var client in await server.ClientsAsync(cancellationToken).ConfigureAwait(false))
                _clients[client.Path] = client;
            HasServer = true;
        }
        catch (BusFailure failure) when (failure.Kind == BusFailureKind.NoServer)
        {
            HasServer = false;
        }
    }

    /// <summary>Waits for the next signal.</summary>
    /// <returns>The signal, and the client that it is about, as it was before a removal and after anything else.</returns>
    /// <exception cref="BusFailure">The connection to the bus is lost.</exception>
    internal async ValueTask<(ServerSignal Signal, ClientState? Client)> NextAsync(CancellationToken cancellationToken)
    {
        var signal = await _signals.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (signal is ServerSignal.Lost)
            throw new BusFailure(BusFailureKind.Bus, "the connection to the system bus is lost", "check 'systemctl status dbus'");
        var path = SignalDescription.PathOf(signal);
        var client = path is null ? null : _clients.GetValueOrDefault(path);
        switch (signal)
        {
            case ServerSignal.Added added:
                client = _clients[added.Client.Path] = added.Client;
                break;
            case ServerSignal.Removed removed:
                _clients.Remove(removed.Path);
                break;
            case ServerSignal.Changed changed when client is not null:
                client = _clients[changed.Path] = client.With(changed.Properties);
                break;
            case ServerSignal.Left:
                _clients.Clear();
                break;
        }

        return (signal, client);
    }
}
