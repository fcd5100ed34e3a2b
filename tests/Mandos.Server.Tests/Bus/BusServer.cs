using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Core.Keys;
using Mandos.Server.Bus;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Logging;
using Mandos.Server.Tests.Clients;
using Mandos.Tests.Buses;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mandos.Server.Tests.Bus;

/// <summary>The real registry on a real bus, and a peer that calls it. The store and the checkers are fakes.</summary>
internal sealed class BusServer : IAsyncDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _registryEnded = new();
    private readonly PrivateBus _bus;
    private Task _registryRun = Task.CompletedTask;
    private readonly Task _busRun;
    private BusConnection? _caller;
    private int _served;
    private int _reloads;

    private BusServer(PrivateBus bus, IEnumerable<ClientDefinition> definitions, Func<BusSettings, BusSettings> adjust, bool runs)
    {
        _bus = bus;
        var now = Moment.Now(TimeProvider.System);
        Registry = new ClientRegistry(
            [.. definitions.Select(d => ClientState.FirstSeen(d, now))], Store, Checkers, c =>
                new(c.Settings.Checker, null), TimeProvider.System, new Random(1), NullLogger.Instance);
        var settings = new BusSettings
        {
            Address = bus.Address,
            Facts = () => new("1.2.3", "::", 8888, "eth0", "Mandos"),
            LogThreshold = Threshold,
            Reload = () => Interlocked.Increment(ref _reloads),
            NamePause = TimeSpan.FromMilliseconds(100),
        };
        Clients = new ClientBus(Registry, adjust(settings), TimeProvider.System, Log);
        if (runs)
            RunRegistry();
        _busRun = Clients.RunAsync(_ended.Token);
    }

    internal ClientRegistry Registry { get; }

    internal ClientBus Clients { get; }

    internal MemoryStore Store { get; } = new();

    internal HeldCheckers Checkers { get; } = new();

    /// <summary>How many reloads were requested.</summary>
    internal int Reloads => _reloads;

    internal LogThreshold Threshold { get; } = new(LogLevel.Warning);

    internal LinesLogger Log { get; } = new();

    internal PrivateBus Bus => _bus;

    internal static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Without waiting for the bus.</summary>
    internal static BusServer Begin(
        PrivateBus bus, IEnumerable<ClientDefinition> definitions, Func<BusSettings, BusSettings>? adjust = null, bool runs = true) =>
        new(bus, definitions, adjust ?? (s => s), runs);

    /// <summary>Starts the registry of a server that was begun without.</summary>
    internal void RunRegistry() => _registryRun = Registry.RunAsync(_registryEnded.Token);

    /// <summary>With these clients; waits until they can be seen on the bus.</summary>
    internal static async Task<BusServer> StartAsync(params IEnumerable<ClientDefinition> definitions)
    {
        var server = Begin(await PrivateBus.StartAsync(), definitions);
        await server.WaitUntilServedAsync();
        return server;
    }

    /// <summary>With one client of the default settings.</summary>
    internal static Task<BusServer> StartAsync(string name = "testclient", ClientSettings? settings = null, bool enabled = true) =>
        StartAsync(ClientStory.Definition(name, settings ?? ClientStory.Settings, enabled));

    /// <summary>Waits until the clients have appeared on the bus, once more if they did before.</summary>
    internal async Task WaitUntilServedAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (Log.Lines.Count(l => l.Contains(": on the system bus", StringComparison.Ordinal)) <= _served)
            await Task.Delay(5, limit.Token);
        _served++;
        // The answer comes behind what is signalled first.
        await CallAsync("/", Names.Server, "GetAllClients");
    }

    internal async Task<BusConnection> CallerAsync() =>
        _caller is { Closed.IsCompleted: false }
            ? _caller
            : _caller = await BusConnection.ConnectAsync(_bus.Address, null, TimeProvider.System, Token);

    /// <summary>Calls a method of ours.</summary>
    internal async Task<T> CallAsync<T>(string path, string? @interface, string member, BusBody? body, BusResult<T> read) =>
        await (await CallerAsync()).CallAsync(new(Names.Server, path, @interface, member), body, read, Patience, Token);

    internal Task CallAsync(string path, string? @interface, string member, BusBody? body = null) =>
        CallAsync(path, @interface, member, body, static _ => true);

    /// <summary>The value of a property, in words.</summary>
    internal Task<string> GetAsync(string path, string @interface, string property) =>
        CallAsync(
            path, Names.Properties, "Get",
            w =>
            {
                w.WriteString(@interface);
                w.WriteString(property);
            },
            BusWords.Of);

    /// <summary>Sets a property to a value of a type.</summary>
    internal Task SetAsync(string path, string @interface, string property, string type, BusBody value) =>
        CallAsync(
            path, Names.Properties, "Set",
            w =>
            {
                w.WriteString(@interface);
                w.WriteString(property);
                w.OpenVariant(type);
                value(w);
                w.Close();
            });

    /// <summary>Adds a client; the result is its path.</summary>
    internal Task<string> AddAsync(string name, byte[] secret, params (string Name, string Type, BusBody Value)[] properties) =>
        CallAsync(
            "/", Names.MoreServer, "AddClient",
            w =>
            {
                w.WriteString(name);
                w.OpenArray("{sv}");
                foreach (var property in properties)
                {
                    w.OpenEntry("sv");
                    w.WriteString(property.Name);
                    w.OpenVariant(property.Type);
                    property.Value(w);
                    w.Close();
                    w.Close();
                }

                w.Close();
                w.WriteBytes(secret);
            },
            static r => r.ReadObjectPath());

    /// <summary>From now on collects all signals of ours.</summary>
    internal async Task<SignalLog> ListenAsync() => await SignalLog.StartAsync(await CallerAsync());

    internal static KeyId KeyOf(string name) => ClientStory.Definition(name, ClientStory.Settings).KeyId!.Value;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_caller is not null)
            await _caller.DisposeAsync();
        await _bus.DisposeAsync();
        Registry.Dispose();
        _ended.Dispose();
        _registryEnded.Dispose();
    }

    /// <summary>Nothing is decided any more, as at the end of the server, which is told on the bus to the last.</summary>
    internal async Task StopDecidingAsync()
    {
        await _registryEnded.CancelAsync();
        await _registryRun.WaitAsync(Patience, CancellationToken.None);
    }

    /// <summary>A clean end, as far as the bus sees it.</summary>
    internal async Task StopAsync()
    {
        if (_ended.IsCancellationRequested)
            return;
        await _ended.CancelAsync();
        await _busRun.WaitAsync(Patience, CancellationToken.None);
        await StopDecidingAsync();
    }
}
