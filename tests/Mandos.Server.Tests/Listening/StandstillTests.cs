using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Mandos.Core.Exchange;
using Mandos.Core.Keys;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Bus;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Logging;
using Mandos.Server.Publishing;
using Mandos.Server.Publishing.Responder;
using Mandos.Server.Tests.Checkers;
using Mandos.Server.Tests.Clients;
using Mandos.Server.Tests.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mandos.Server.Tests.Listening;

/// <summary>What is outside the process may stand still: no delivery waits for it.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class StandstillTests : IDisposable
{
    private const int Clients = 100;

    private static readonly TlsKeyPair[] ClientKeys = [.. Enumerable.Range(0, Clients).Select(_ => NewKeys())];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mandos");
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_client_gets_its_secret_while_the_log_daemon_reads_nothing()
    {
        using var daemon = Bind(SocketType.Dgram);
        using var channel = NewChannel(Path("socket"), TextWriter.Null);

        await FetchAsync(new IdleCheckers(), channel);

        Assert.True(daemon.Available > 0);
    }

    [Fact]
    public async Task A_client_gets_its_secret_while_the_journal_reads_nothing()
    {
        using var journal = Bind(SocketType.Dgram);
        using var error = new StuckWriter();
        // Standard error leads to the journal then, which does not read that either.
        using var channel = NewChannel("/nonexistent/log", error, Path("socket"));

        await FetchAsync(new IdleCheckers(), channel);

        Assert.True(journal.Available > 0);
        Assert.False(error.HasWritten);
    }

    [Fact]
    public async Task A_delivery_does_not_wait_for_an_unread_standard_error()
    {
        using var error = new StuckWriter();
        using var channel = NewChannel("/nonexistent/log", error);

        await FetchAsync(new IdleCheckers(), channel);

        Assert.False(error.HasWritten);
    }

    [Fact]
    public async Task A_client_gets_its_secret_while_the_bus_does_not_respond()
    {
        using var silent = Bind(SocketType.Stream);
        Task? running = null;

        await FetchAsync(new IdleCheckers(), null, registry =>
        {
            var settings = new BusSettings
            {
                Address = $"unix:path={Path("socket")}",
                Facts = () => new("1", "::", 1, "", "Mandos"),
                LogThreshold = new(LogLevel.Warning),
                Reload = () => { },
            };
            running = new ClientBus(registry, settings, TimeProvider.System, NullLogger.Instance).RunAsync(_stop.Token);
        });

        Assert.False(running!.IsCompleted);
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_delivery_does_not_wait_for_an_avahi_daemon_that_does_not_respond()
    {
        using var silent = Bind(SocketType.Stream);
        Task? running = null;

        await FetchAsync(new IdleCheckers(), null, _ =>
        {
            var name = new ServiceName("Mandos", NullLogger.Instance, _ => { });
            var publication = new ServicePublication(
                new(4711, null, true, true), name, $"unix:path={Path("socket")}", token =>
                    Task.Delay(Timeout.Infinite, token), TimeProvider.System, NullLogger.Instance);
            running = publication.RunAsync(_stop.Token);
        });

        Assert.False(running!.IsCompleted);
        await _stop.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_client_gets_its_secret_while_a_checker_never_exits()
    {
        var log = new LogLines();
        await using var checkers = new CheckerRunner(TimeProvider.System, log) { Grace = TimeSpan.FromMilliseconds(300) };

        await FetchAsync(checkers, null, registry => _ = registry.ApplyAsync("machine0", new ClientEvent.StartChecker()));

        Assert.DoesNotContain(log.Lines, line => line.Contains("check failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_gets_its_secret_while_the_disk_does_not_respond()
    {
        using var gate = new ManualResetEventSlim();
        var store = new MemoryStore();
        Task<ChangeOutcome>? wish = null;

        // The check of each machine that boots fails, and each delivery is to be saved.
        await FetchAsync(new IdleCheckers { AtOnce = _ => ChildExit.Exited(1) }, null, registry =>
        {
            registry.SettleAsync().Wait(TestContext.Current.CancellationToken);
            store.Saving = _ => gate.Wait(TestContext.Current.CancellationToken);
            wish = registry.ApplyAsync("machine0", new ClientEvent.StartChecker());
            for (var i = 1; i < Clients; i++)
                _ = registry.ApplyAsync($"machine{i}", new ClientEvent.StartChecker());
        }, store, () =>
        {
            Assert.Equal(ClientState.NoCheckYet, store["machine0"]!.LastCheckerStatus);
            gate.Set();
        });

        Assert.Equal(ChangeOutcome.Done, await wish!);
        Assert.All(Enumerable.Range(0, Clients).Select(i => store[$"machine{i}"]!), saved =>
        {
            Assert.Equal(1, saved.LastCheckerStatus);
            // The stop may have come before the end of the last connection.
            Assert.InRange(saved.SecretsGiven, 1, 2);
        });
    }

    /// <summary>All clients fetch twice while the obstacle is there.</summary>
    private static async Task FetchAsync(
        ICheckers checkers, LogChannel? channel, Action<ClientRegistry>? begin = null, MemoryStore? store = null, Action? end = null)
    {
        using var stop = new CancellationTokenSource();
        var settings = ClientStory.Settings with { Checker = "exec sleep 100000" };
        var clients = ClientKeys.Select(
            (keys, i) =>
                ClientState.FirstSeen(
                    TestServer.Machine($"secret {i}", name: $"machine{i}", settings: settings) with { KeyId = keys.KeyId },
                    Moment.Now(TimeProvider.System)));
        var registry = new ClientRegistry(
            [.. clients], store ?? new MemoryStore(), checkers, c => new(c.Settings.Checker, null), TimeProvider.System, new Random(1),
            NullLogger.Instance);
        var deciding = registry.RunAsync(stop.Token);
        begin?.Invoke(registry);
        await using var server = new TestServer(registry, channel: channel);
        for (var round = 0; round < 2; round++)
        {
            var results = await Task.WhenAll(
                ClientKeys.Select(keys => Task.Run(() => server.RetrieveAsync(keys), TestContext.Current.CancellationToken)));
            Assert.Equal(Enumerable.Range(0, Clients).Select(i => (RetrievalOutcome.Received, $"secret {i}")), results);
        }

        await server.StopAsync();
        end?.Invoke();
        await stop.CancelAsync();
        await deciding;
    }

    private static TlsKeyPair NewKeys()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return TlsKeyPair.Parse(
            Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>With room for a few lines only, and no farewell.</summary>
    private static LogChannel NewChannel(string systemLog, TextWriter error, string? journal = null) =>
        new(systemLog, error, journal, capacity: 4_000, farewell: TimeSpan.FromMilliseconds(10));

    private Socket Bind(SocketType type)
    {
        var socket = new Socket(AddressFamily.Unix, type, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path("socket")));
        if (type == SocketType.Stream)
            socket.Listen();
        return socket;
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);
}
