using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Bus.Requests;
using Mandos.Server.Clients;
using Mandos.Server.Tests.Clients;
using Mandos.Tests.Buses;

namespace Mandos.Server.Tests.Bus;

/// <summary>The bus comes, goes, is taken, or is stuck: the clients go on.</summary>
public sealed class BusLifeTests
{
    private const string Path = "/clients/testclient";

    private static ClientDefinition[] One => [ClientStory.Definition("testclient", ClientStory.Settings)];

    [Fact]
    public async Task A_bus_that_starts_late_is_used_when_it_is_available()
    {
        var bus = PrivateBus.Absent();
        await using var server = BusServer.Begin(bus, One);
        while (server.Log.Lines.Count == 0)
            await Task.Delay(10, BusServer.Token);
        Assert.StartsWith("Warning: not on the system bus, retrying: ", Assert.Single(server.Log.Lines), StringComparison.Ordinal);
        Assert.Equal(ChangeOutcome.Done, await server.Registry.ApplyAsync("testclient", new ClientEvent.Disable()));
        await bus.StartDaemonAsync();
        await server.WaitUntilServedAsync();
        Assert.Equal("Information: on the system bus now as se.recompile.Mandos, se.bsnet.fukt.Mandos", server.Log.Lines[1]);
        Assert.Equal("b0", await server.GetAsync(Path, Names.Client, "Enabled"));
    }

    [Fact]
    public async Task No_bus_name_is_requested_before_the_clients_are_known()
    {
        var bus = await PrivateBus.StartAsync();
        await using var other = await BusConnection.ConnectAsync(bus.Address, null, TimeProvider.System, BusServer.Token);
        await using var server = BusServer.Begin(bus, One, runs: false);
        await Task.Delay(300, BusServer.Token);
        Assert.True(await other.RequestNameAsync(Names.Server, BusServer.Token));
        await other.ReleaseNameAsync(Names.Server, BusServer.Token);
        server.RunRegistry();
        await server.WaitUntilServedAsync();
        Assert.Equal("b1", await server.GetAsync(Path, Names.Client, "Enabled"));
    }

    [Fact]
    public async Task After_a_restart_of_the_bus_the_clients_have_their_current_state()
    {
        var bus = await PrivateBus.StartAsync();
        await using var server = BusServer.Begin(bus, One);
        await server.WaitUntilServedAsync();
        await bus.StopDaemonAsync();
        Assert.Equal(ChangeOutcome.Done, await server.Registry.ApplyAsync("testclient", new ClientEvent.Disable()));
        await bus.StartDaemonAsync();
        await server.WaitUntilServedAsync();
        Assert.Equal("b0", await server.GetAsync(Path, Names.Client, "Enabled"));
    }

    [Theory]
    [InlineData(Names.Server)]
    [InlineData(Names.OldServer)]
    public async Task The_server_waits_for_a_name_owned_by_another_connection_and_never_owns_only_one_name(string name)
    {
        var bus = await PrivateBus.StartAsync();
        await using var other = await BusConnection.ConnectAsync(bus.Address, null, TimeProvider.System, BusServer.Token);
        Assert.True(await other.RequestNameAsync(name, BusServer.Token));
        await using var server = BusServer.Begin(bus, One);
        while (server.Log.Lines.Count < 2)
            await Task.Delay(10, BusServer.Token);
        Assert.Equal(
            $"Information: not on the system bus yet, retrying: cannot acquire the name {name}: another program owns it",
            server.Log.Lines[0]);
        Assert.Equal($"Error: no D-Bus interface, retrying: cannot acquire the name {name}: another program owns it", server.Log.Lines[1]);
        await Task.Delay(300, BusServer.Token);
        Assert.Equal(2, server.Log.Lines.Count);
        await other.ReleaseNameAsync(name, BusServer.Token);
        await server.WaitUntilServedAsync();
        Assert.Equal("b1", await server.GetAsync(Path, Names.Client, "Enabled"));
    }

    [Fact]
    public async Task A_peer_that_subscribes_to_all_signals_and_never_reads_does_not_slow_down_others()
    {
        await using var server = BusServer.Begin(await PrivateBus.StartAsync(mostForOne: 1_000_000), One);
        await server.WaitUntilServedAsync();
        await using var stuck = await BusConnection.ConnectAsync(server.Bus.Address, null, TimeProvider.System, BusServer.Token);
        using var release = new ManualResetEventSlim();
        await using var match = await stuck.MatchAsync(
            new() { Interface = Names.Properties }, (_, _) => release.Wait(BusServer.Patience), BusServer.Token);
        await ChangeAsync(server, 10_000);
        // Those who read get answers, with what is last.
        Assert.Equal("s\"host 9999\"", await server.GetAsync(Path, Names.Client, "Host"));
        release.Set();
    }

    [Fact]
    public async Task Replies_are_not_built_for_a_caller_that_does_not_read_them_or_has_disconnected()
    {
        const int calls = 300;
        var (made, name) = (0, new string('n', 1_000_000));
        var bus = await PrivateBus.StartAsync(mostFromOne: 20_000_000);
        await using var server = BusServer.Begin(bus, One, s => s with { Facts = MakeFacts });
        await server.WaitUntilServedAsync();
        var hog = await BusConnection.ConnectAsync(bus.Address, null, TimeProvider.System, BusServer.Token);
        using var release = new ManualResetEventSlim();
        var asked = Enumerable.Range(0, calls)
            .Select(
                _ =>
                    hog.CallAsync(
                        new(Names.Server, "/", Names.Properties, "Get"), NameProperty, ReadNothing, TimeSpan.FromHours(1), BusServer.Token))
            .ToList();
        while (Volatile.Read(ref made) < 10)
            await Task.Delay(5, BusServer.Token);

        // Behind all of those in the order of the server's queue.
        var other = server.GetAsync(Path, Names.Client, "Enabled");
        var leaving = hog.DisposeAsync();
        release.Set();
        await leaving;

        Assert.Equal("b1", await other);
        Assert.InRange(Volatile.Read(ref made), 10, calls / 2);
        await Task.WhenAll(asked).ContinueWith(_ => { }, TaskScheduler.Default);

        ServerFacts MakeFacts()
        {
            Interlocked.Increment(ref made);
            return new("1", "::", 1, "", name);
        }

        void NameProperty(BusWriter writer)
        {
            writer.WriteString("dotnet.Mandos.Server");
            writer.WriteString("ServiceName");
        }

        bool ReadNothing(BusReader reader)
        {
            release.Wait(BusServer.Patience);
            return true;
        }
    }

    [Fact]
    public async Task A_stuck_bus_delays_no_client_and_shows_the_current_state_when_it_resumes()
    {
        var bus = await PrivateBus.StartAsync();
        await using var server = BusServer.Begin(bus, One, s => s with { MostWaiting = 100 });
        await server.WaitUntilServedAsync();
        var signals = await server.ListenAsync();
        bus.Freeze();
        await ChangeAsync(server, 50_000);
        Assert.Equal(ChangeOutcome.Done, await server.Registry.ApplyAsync("testclient", new ClientEvent.Disable()));
        Assert.Equal(ChangeOutcome.Done, await server.Registry.AddAsync(ClientStory.Definition("second", ClientStory.Settings)));
        bus.Thaw();
        await signals.UntilAsync($"{Names.OldServer}.ClientAdded o\"/clients/second\"");
        Assert.Equal("s\"host 49999\"", await server.GetAsync(Path, Names.Client, "Host"));
        Assert.Equal("b0", await server.GetAsync(Path, Names.Client, "Enabled"));
        Assert.Contains(server.Log.Lines, l => l.StartsWith("Warning: the system bus is congested: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task More_clients_than_the_queue_holds_appear_at_startup_without_congestion()
    {
        var bus = await PrivateBus.StartAsync();
        var many = Enumerable.Range(0, 1000).Select(i => ClientStory.Definition($"client{i}", ClientStory.Settings));
        await using var server = BusServer.Begin(bus, many, s => s with { MostWaiting = 10 });
        await server.WaitUntilServedAsync();
        Assert.Equal("b1", await server.GetAsync("/clients/client999", Names.Client, "Enabled"));
        Assert.DoesNotContain(server.Log.Lines, l => l.Contains("congested", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_a_stuck_bus()
    {
        var bus = await PrivateBus.StartAsync();
        await using var server = BusServer.Begin(bus, One, s => s with { FarewellTime = TimeSpan.FromMilliseconds(200) });
        await server.WaitUntilServedAsync();
        bus.Freeze();
        await ChangeAsync(server, 50_000);
        await server.StopAsync();
        bus.Thaw();
    }

    [Fact]
    public async Task Calls_beyond_the_limit_are_refused()
    {
        var bus = await PrivateBus.StartAsync();
        await using var server = BusServer.Begin(bus, One, s => s with { MostCalls = 1 });
        await server.WaitUntilServedAsync();
        server.Store.Hold();
        var held = server.CallAsync(Path, Names.Client, "Disable");
        Assert.Equal(BusErrors.LimitsExceeded, await RefusedAsync());
        server.Store.LetGo();
        await held;
        Assert.Equal("b0", await server.GetAsync(Path, Names.Client, "Enabled"));

        async Task<string> RefusedAsync() =>
            (await Assert.ThrowsAsync<BusException>(() => server.GetAsync(Path, Names.Client, "Enabled"))).Name;
    }

    [Fact]
    public async Task Calls_beyond_the_byte_limit_are_refused()
    {
        var bus = await PrivateBus.StartAsync();
        await using var server = BusServer.Begin(bus, [ClientStory.Definition("testclient", ClientStory.Settings)]);
        await server.WaitUntilServedAsync();
        var largest = new byte[BusArguments.LongestSecret];
        server.Store.Hold();
        // Each is there twice, in its message and as the secret that was read.
        Task[] held = [SetSecretAsync(largest), SetSecretAsync(largest), SetSecretAsync(largest)];

        Func<Task>[] tooMuch = [() => SetSecretAsync(largest), () => AddAsync(largest), () => GetAsync(new('x', 20_000_000))];
        foreach (var call in tooMuch)
        {
            var refusal = await Assert.ThrowsAsync<BusException>(call);
            Assert.Equal(BusErrors.LimitsExceeded, refusal.Name);
            Assert.Equal("pending calls take at most 67108864 bytes together, which this one exceeds; try again later", refusal.Message);
        }

        Assert.Equal("b1", await GetAsync("Enabled"));
        server.Store.LetGo();
        await Task.WhenAll(held);
        await AddAsync(largest);
        // What was refused, and what was answered, takes nothing any more.
        for (var call = 0; call < 5; call++)
            await SetSecretAsync(largest);

        Task SetSecretAsync(byte[] secret) => server.SetAsync(Path, Names.Client, "Secret", "ay", w => w.WriteBytes(secret));

        Task<string> GetAsync(string property) => server.GetAsync(Path, Names.Client, property);

        Task AddAsync(byte[] secret) =>
            server.CallAsync("/", Names.MoreServer, "AddClient", w =>
            {
                w.WriteString("new");
                w.OpenArray("{sv}");
                w.OpenEntry("sv");
                w.WriteString("KeyID");
                w.OpenVariant("s");
                w.WriteString(new('a', 64));
                w.Close();
                w.Close();
                w.Close();
                w.WriteBytes(secret);
            });
    }

    [Fact]
    public async Task A_call_larger_than_the_byte_limit_is_refused()
    {
        var bus = await PrivateBus.StartAsync();
        await using var server = BusServer.Begin(bus, One, s => s with { MostCallBytes = 10_000 });
        await server.WaitUntilServedAsync();
        var text = new string('x', 10_000);

        Assert.Equal(BusErrors.LimitsExceeded, await RefusedAsync(() => server.GetAsync($"/clients/{text}", Names.Client, "Name")));
        Assert.Equal(BusErrors.LimitsExceeded, await RefusedAsync(() => server.GetAsync(Path, text, "Name")));
        Assert.Equal(BusErrors.LimitsExceeded, await SetLastCheckedAsync("s", w => w.WriteString(text)));
        Assert.Equal(BusErrors.InvalidArguments, await SetLastCheckedAsync("ay", w => w.WriteBytes(new byte[10_000])));
        Assert.Equal("s\"testclient\"", await server.GetAsync(Path, Names.Client, "Name"));

        Task<string> SetLastCheckedAsync(string type, BusBody value) =>
            RefusedAsync(() => server.SetAsync(Path, Names.Client, "LastCheckedOK", type, value));

        static async Task<string> RefusedAsync(Func<Task> call) => (await Assert.ThrowsAsync<BusException>(call)).Name;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_completed_call_no_longer_counts_towards_the_limit(bool changes)
    {
        var bus = await PrivateBus.StartAsync();
        await using var server = BusServer.Begin(bus, One, s => s with { MostCalls = 1 });
        await server.WaitUntilServedAsync();
        for (var call = 0; call < 200; call++)
        {
            if (changes)
                await server.CallAsync(Path, Names.Client, "Disable");
            Assert.Equal(changes ? "b0" : "b1", await server.GetAsync(Path, Names.Client, "Enabled"));
        }
    }

    private static async Task ChangeAsync(BusServer server, int times)
    {
        var changes = Enumerable.Range(0, times)
            .Select(n => server.Registry.ConfigureAsync("testclient", s => s with { Host = $"host {n}" }))
            .ToArray();
        Assert.All(await Task.WhenAll(changes).WaitAsync(BusServer.Patience, BusServer.Token), o => Assert.Equal(ChangeOutcome.Done, o));
    }
}
