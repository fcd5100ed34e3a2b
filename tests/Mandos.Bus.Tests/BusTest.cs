using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Tests.Buses;

namespace Mandos.Bus.Tests;

/// <summary>A test with its own bus and two connections to it.</summary>
public abstract class BusTest : IAsyncLifetime
{
    private readonly List<BusConnection> _connections = [];
    private PrivateBus? _bus;

    internal static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected PrivateBus Bus => _bus!;

    public async ValueTask InitializeAsync() => _bus = await PrivateBus.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        await Bus.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<BusConnection> ConnectAsync(Receiver? receive = null)
    {
        var connection = await BusConnection.ConnectAsync(
            Bus.Address, receive is null ? null : new TestObjects(receive), TimeProvider.System, Token);
        _connections.Add(connection);
        return connection;
    }

    private protected static BusMethodAddress To(BusConnection connection, string member = "Do") =>
        new(connection.UniqueName, "/object", "test.Interface", member);
}
