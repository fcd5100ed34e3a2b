using Mandos.Server.Checkers;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Logging;
using Mandos.Server.Startup;
using Mandos.Server.Tests.Clients;
using Mandos.Server.Tests.Store;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Tests.Startup;

/// <summary>What an administrator reads of clients that do not do what their sections say.</summary>
public sealed class ClientHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos-served").FullName;
    private readonly StringWriter _log = new();
    private readonly LogChannel _channel;
    private readonly ILoggerFactory _loggers;

    public ClientHostTests()
    {
        _channel = new LogChannel("/nonexistent/log", TextWriter.Synchronized(_log), journal: null);
        _loggers = LogChannelProvider.CreateFactory(_channel, LogLevel.Information);
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _channel.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_client_that_stays_disabled_is_logged_at_each_start_and_reload_with_the_command_that_enables_it()
    {
        await RunAsync(Enabled("web.1", "other"), async clients =>
        {
            Assert.Empty(StaysDisabled());
            Assert.Equal(ChangeOutcome.Done, await clients.Registry.ApplyAsync("web.1", new ClientEvent.Disable()));
        });
        await RunAsync(Enabled("web.1", "other"), async clients =>
        {
            string[] expected =
            [
                "client [web.1] stays disabled, although its section says enabled = True; hint: 'mandos-ctl enable "
                + "web.1' enables it",
            ];
            Assert.Equal(expected, StaysDisabled());
            await clients.FollowAsync(Enabled("web.1", "other"), TestContext.Current.CancellationToken);
            Assert.Equal([.. expected, .. expected], StaysDisabled());

            // Once it is enabled there is nothing to say, nor where its section says that it is not to be.
            Assert.Equal(ChangeOutcome.Done, await clients.Registry.ApplyAsync("web.1", new ClientEvent.Enable()));
            await clients.FollowAsync(Enabled("web.1", "other"), TestContext.Current.CancellationToken);
            await clients.FollowAsync(Reading(enabled: false, "web.1", "other"), TestContext.Current.CancellationToken);
            Assert.Equal(2, StaysDisabled().Length);
            Assert.All(clients.Registry.Clients, c => Assert.False(c.Enabled));
        });
    }

    [Fact]
    public async Task Of_many_clients_that_stay_disabled_some_are_logged_and_the_rest_counted()
    {
        string[] names = [.. Enumerable.Range(0, 23).Select(n => $"c{n}")];
        await RunAsync(Enabled(names), async clients =>
            Assert.All(
                await Task.WhenAll(names.Select(n => clients.Registry.ApplyAsync(n, new ClientEvent.Disable()))),
                o => Assert.Equal(ChangeOutcome.Done, o)));

        await RunAsync(Enabled(names), _ => Task.CompletedTask);

        Assert.Equal(20, StaysDisabled().Length);
        Assert.Contains("3 more clients stay disabled, although their sections say enabled = True", Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_warns_of_the_missing_program_of_a_new_or_changed_checker_once()
    {
        await RunAsync(Enabled("a"), async clients =>
        {
            await clients.FollowAsync(With("/nonexistent/ping", "a", "b"), TestContext.Current.CancellationToken);
            await clients.FollowAsync(With("/nonexistent/ping", "a", "b"), TestContext.Current.CancellationToken);
            Assert.Equal(
                ["program '/nonexistent/ping' not found: the checks of 2 clients will fail, the first is [a]"], MissingPrograms());

            await clients.FollowAsync(With("/nonexistent/ping", "a", "b", "c"), TestContext.Current.CancellationToken);
            await clients.FollowAsync(With("/bin/sh -c true", "a", "b", "c"), TestContext.Current.CancellationToken);
            Assert.Equal(
                "program '/nonexistent/ping' not found: the checks of 1 client will fail, the first is [c]",
                MissingPrograms().Skip(1).Single());
        });

        static ClientsReading With(string checker, params string[] names) =>
            new(
                ClientsSource.Whole, true,
                [.. names.Select(
                    n => new ClientDefinition(
                        n, TestStore.Key(n), "", TestStore.Settings() with { Checker = checker }, Enabled: true, TestStore.Secret(n)))],
                new HashSet<string>());

        string[] MissingPrograms() =>
            [.. Log.Split('\n').Where(l => l.Contains("not found: the checks", StringComparison.Ordinal))
                .Select(l => l[l.IndexOf("program '", StringComparison.Ordinal)..])];
    }

    /// <summary>A client that is dropped would be a new one, and enabled, once its file is back.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_file_that_a_reload_found_is_missed_at_the_next_start(bool hasMain, bool hasFolder)
    {
        await RunAsync(With(!hasMain, !hasFolder, "a"), async clients =>
        {
            Assert.True(await clients.FollowAsync(With(hasMain: true, hasFolder: true, "a", "b"), TestContext.Current.CancellationToken));
            Assert.Equal(ChangeOutcome.Done, await clients.Registry.ApplyAsync("b", new ClientEvent.Disable()));
        });

        await RunAsync(With(!hasMain, !hasFolder, "a"), clients =>
        {
            Assert.Equal([("a", true), ("b", false)], clients.Registry.Clients.Select(c => (c.Name, c.Enabled)));
            return Task.CompletedTask;
        });

        static ClientsReading With(bool hasMain, bool hasFolder, params string[] names) =>
            new(
                ClientsSource.Whole, hasMain,
                [.. names.Select(
                    n => new ClientDefinition(n, TestStore.Key(n), "", TestStore.Settings(), Enabled: true, TestStore.Secret(n)))],
                new HashSet<string>())
            { HasFolder = hasFolder };
    }

    private string Log
    {
        get
        {
            _channel.Flush();
            return _log.ToString();
        }
    }

    private string[] StaysDisabled() =>
        [.. Log.Split('\n').Where(l => l.Contains("] stays disabled", StringComparison.Ordinal))
            .Select(l => l[l.IndexOf("client [", StringComparison.Ordinal)..])];

    private static ClientsReading Enabled(params string[] names) => Reading(enabled: true, names);

    private static ClientsReading Reading(bool enabled, params string[] names) =>
        new(
            ClientsSource.Whole, true,
            [.. names.Select(n => new ClientDefinition(n, TestStore.Key(n), "", TestStore.Settings(), enabled, TestStore.Secret(n)))],
            new HashSet<string>());

    private async Task RunAsync(ClientsReading reading, Func<ClientHost, Task> use)
    {
        using var stop = new CancellationTokenSource();
        using var clients = ClientHost.Open(
            new() { StateDirectory = _folder }, reading, new IdleCheckers(), new FailingChecks(), c =>
                new(c.Settings.Checker, null), new(), _loggers)!;
        var deciding = clients.Registry.RunAsync(stop.Token);
        await use(clients);
        await stop.CancelAsync();
        await deciding;
    }
}
