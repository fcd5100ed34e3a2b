using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>What need not be durable by itself is saved together, some seconds later.</summary>
public sealed class ClientRegistryLateTests
{
    [Fact]
    public async Task A_successful_check_is_visible_at_once_and_saved_seconds_later_with_others()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings), Definition("b", Settings));
        var saves = rig.Store.Saves;
        foreach (var client in (string[])["a", "b"])
        {
            await rig.Registry.ApplyAsync(client, new ClientEvent.StartChecker());
            await rig.AdvanceAsync(Seconds(1));
            rig.Checkers.End(client, ChildExit.Exited(0));
            await rig.SettleAsync();
            Assert.NotNull(rig[client].LastCheckedOk);
        }

        Assert.Equal(saves, rig.Store.Saves);
        Assert.Null(rig.Store["a"]!.LastCheckedOk);
        await rig.AdvanceAsync(Seconds(10));
        Assert.Equal(saves + 1, rig.Store.Saves);
        Assert.Equal(rig["a"].Expires, rig.Store["a"]!.Expires);
        Assert.Equal(rig["b"].LastCheckedOk, rig.Store["b"]!.LastCheckedOk);
    }

    [Fact]
    public async Task A_failed_check_is_saved_before_it_is_visible()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        await rig.Registry.ApplyAsync("a", new ClientEvent.StartChecker());
        rig.Checkers.End("a", ChildExit.Exited(1));
        await rig.SettleAsync();
        Assert.Equal(1, rig.Store["a"]!.LastCheckerStatus);
    }

    [Fact]
    public async Task A_requested_change_is_saved_when_the_call_returns()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        await rig.AdvanceAsync(Seconds(1));
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync("a", new ClientEvent.CheckedOk()));
        Assert.NotNull(rig.Store["a"]!.LastCheckedOk);
    }

    [Fact]
    public async Task A_stop_saves_deferred_changes()
    {
        var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        await rig.Registry.ApplyAsync("a", new ClientEvent.StartChecker());
        await rig.AdvanceAsync(Seconds(1));
        rig.Checkers.End("a", ChildExit.Exited(0));
        await rig.SettleAsync();
        Assert.Null(rig.Store["a"]!.LastCheckedOk);
        await rig.DisposeAsync();
        Assert.NotNull(rig.Store["a"]!.LastCheckedOk);
    }

    [Fact]
    public async Task Unsaved_times_are_saved_as_soon_as_possible_and_decisions_are_saved_first()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings), Definition("b", Settings));
        await rig.Registry.ApplyAsync("a", new ClientEvent.StartChecker());
        await rig.AdvanceAsync(Seconds(1));
        rig.Checkers.End("a", ChildExit.Exited(0));
        await rig.SettleAsync();
        rig.Store.Failure = "the disk is full";
        await rig.AdvanceAsync(Seconds(11));
        Assert.Equal(ChangeOutcomeKind.NotSaved, (await rig.Registry.ApplyAsync("b", new ClientEvent.Disable())).Kind);
        rig.Store.Failure = null;
        await rig.AdvanceAsync(Seconds(11));
        Assert.False(rig.Store["b"]!.Enabled);
        await rig.AdvanceAsync(Seconds(11));
        Assert.NotNull(rig.Store["a"]!.LastCheckedOk);
    }

    [Fact]
    public async Task Many_clients_start_in_batches_and_a_client_that_asks_starts_early()
    {
        const int count = 5000;
        var store = new MemoryStore();
        var barrier = new RegistryRig.Barrier(store);
        store.Saving = _ => barrier.Wait();
        var order = new Order();
        await using var rig = new RegistryRig(
            new TwoClocks(), store, [.. Enumerable.Range(0, count).Select(n => Definition($"c{n}", Settings))], null, null, order);
        await barrier.Reached;
        var answer = rig.FetchAsync($"c{count - 1}");
        barrier.Release();
        Assert.Equal("secret", await answer);
        Assert.InRange(order.BeforeRelease, 1, count / 2);
        for (var i = 0; i < count / 100; i++)
            await rig.SettleAsync();
        Assert.All(rig.Registry.Clients, c => Assert.NotNull(c.NextCheck));
    }

    private sealed class Order : IClientObserver
    {
        private int _steps;

        internal int BeforeRelease { get; private set; }

        public void Observe(ClientTransition transition)
        {
            if (transition.Before is null)
                return;
            _steps++;
            if (transition.Effects.Any(e => e is ClientEffect.Release))
                BeforeRelease = _steps;
        }

        public void ObserveUnknown(Mandos.Core.Keys.KeyId key, string address)
        {
        }
    }
}
