using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>A disk that takes its time, or does not answer at all.</summary>
public sealed class ClientRegistryDiskTests
{
    private static readonly TimeSpan Patience = DurableClients.Patience;

    [Fact]
    public async Task Clients_with_nothing_to_save_get_their_secrets_while_the_disk_is_busy()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings), Definition("b", Settings), Definition("c", Settings));
        var barrier = await StuckInCheckedOkAsync(rig, "c");

        Assert.Equal("secret", await rig.FetchAsync("a"));
        Assert.Equal("secret", await rig.FetchAsync("a"));
        Assert.Equal("secret", await rig.FetchAsync("b"));

        Assert.Equal(0, rig["a"].SecretsGiven);
        barrier.Release();
        await rig.SettleAsync();
        Assert.Equal((2, 1), (rig["a"].SecretsGiven, rig["b"].SecretsGiven));
        Assert.Equal((2, 1), (rig.Store["a"]!.SecretsGiven, rig.Store["b"]!.SecretsGiven));
        Assert.All(rig.Registry.Clients, c => Assert.Empty(c.Requests));
    }

    [Fact]
    public async Task A_failed_check_that_is_being_saved_does_not_delay_a_request()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        await rig.Registry.ApplyAsync("a", new ClientEvent.StartChecker());
        var barrier = rig.HoldNextSave();
        rig.Checkers.End("a", ChildExit.Exited(1));
        await barrier.Reached;

        Assert.Equal("secret", await rig.FetchAsync("a"));
        Assert.Equal("secret", await rig.FetchAsync("a", delivered: false));

        Assert.Equal(ClientState.NoCheckYet, rig["a"].LastCheckerStatus);
        barrier.Release();
        await rig.SettleAsync();
        Assert.Equal((1, 1), (rig["a"].LastCheckerStatus, rig["a"].SecretsGiven));
        Assert.True(rig["a"].SavesAs(rig.Store["a"]!));
        Assert.Empty(rig["a"].Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_waits_while_the_disabling_of_its_client_is_saved(bool byTime)
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        var barrier = rig.HoldNextSave();
        if (byTime)
            rig.Time.Advance(Minutes(5).Value);
        else
            _ = rig.Registry.ApplyAsync("a", new ClientEvent.Disable());
        await barrier.Reached;

        var fetch = rig.FetchAsync("a");

        await rig.Registry.PingAsync(TestContext.Current.CancellationToken);
        Assert.False(fetch.IsCompleted);
        barrier.Release();
        Assert.Equal("Disabled", await fetch);
    }

    [Fact]
    public async Task A_request_gets_neither_the_old_nor_the_new_secret_until_the_replacement_is_saved()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        var barrier = rig.HoldNextSave();
        var change = rig.Registry.ApplyAsync("a", new ClientEvent.ReplaceSecret(Secret("other")));
        await barrier.Reached;

        var fetch = rig.FetchAsync("a");

        await rig.Registry.PingAsync(TestContext.Current.CancellationToken);
        Assert.False(fetch.IsCompleted);
        barrier.Release();
        Assert.Equal(ChangeOutcome.Done, await change);
        Assert.Equal("other", await fetch);
    }

    [Fact]
    public async Task Changes_and_events_of_a_client_keep_their_order()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings, enabled: false), Definition("b", Settings));
        var barrier = await StuckInCheckedOkAsync(rig, "b");
        var enable = rig.Registry.ApplyAsync("a", new ClientEvent.Enable());
        var first = rig.FetchAsync("a");
        var add = rig.Registry.AddAsync(Definition("new", Settings, secret: "new"));
        var disable = rig.Registry.ApplyAsync("new", new ClientEvent.Disable());

        barrier.Release();

        Assert.Equal([ChangeOutcome.Done, ChangeOutcome.Done, ChangeOutcome.Done], await Task.WhenAll(enable, add, disable));
        Assert.Equal("secret", await first);
        Assert.Equal("Disabled", await rig.FetchAsync("new"));
        Assert.False(rig.Store["new"]!.Enabled);
    }

    [Fact]
    public async Task A_disk_that_does_not_respond_is_treated_as_failed()
    {
        await using var rig = await RegistryRig.StartAsync(
            Definition("off", Settings, enabled: false), Definition("on", Settings), Definition("gone", Settings),
            Definition("checked", Settings));
        await rig.Registry.ApplyAsync("checked", new ClientEvent.StartChecker());
        var barrier = rig.HoldNextSave();
        var enable = rig.Registry.ApplyAsync("off", new ClientEvent.Enable());
        await barrier.Reached;
        var disable = rig.Registry.ApplyAsync("on", new ClientEvent.Disable());
        var remove = rig.Registry.ApplyAsync("gone", new ClientEvent.Remove());
        rig.Checkers.End("checked", ChildExit.Exited(1));

        await rig.AdvanceAsync(Patience);

        const string why = "the disk does not respond";
        Assert.Equal(new ChangeOutcome(ChangeOutcomeKind.NotSaved, $"it is not done, because it cannot be saved: {why}"), await enable);
        Assert.Equal(new ChangeOutcome(ChangeOutcomeKind.NotSaved, $"it is done, but not saved yet: {why}"), await disable);
        Assert.Equal(new ChangeOutcome(ChangeOutcomeKind.NotSaved, $"it is done, but not saved yet: {why}"), await remove);
        Assert.Equal(ChangeOutcomeKind.NotSaved, (await rig.Registry.AddAsync(Definition("new", Settings))).Kind);
        Assert.Equal(
            ("Disabled", "Disabled", "unknown"), (await rig.FetchAsync("off"), await rig.FetchAsync("on"), await rig.FetchAsync("gone")));
        Assert.Equal("secret", await rig.FetchAsync("checked"));
        await rig.SettleAsync();
        Assert.Equal((1, 1), (rig["checked"].LastCheckerStatus, rig["checked"].SecretsGiven));
        Assert.Single(rig.Log.Split('\n'), l => l.Contains($"cannot save the state of clients: {why}", StringComparison.Ordinal));

        // What was given up is saved after all, and put right.
        barrier.Release();
        await rig.StopAsync();
        Assert.False(rig.Store["off"]!.Enabled);
        Assert.False(rig.Store["on"]!.Enabled);
        Assert.Null(rig.Store["gone"]);
        Assert.Equal((1, 1), (rig.Store["checked"]!.LastCheckerStatus, rig.Store["checked"]!.SecretsGiven));
        Assert.Contains("is saved again", rig.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_could_not_be_added_in_time_does_not_exist_after_the_disk_responds()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        var barrier = rig.HoldNextSave();
        var definition = Definition("new", Settings);
        var add = rig.Registry.AddAsync(definition);
        await barrier.Reached;

        await rig.AdvanceAsync(Patience);

        Assert.Equal(ChangeOutcomeKind.NotSaved, (await add).Kind);
        Assert.Equal("unknown", await rig.FetchAsync("new"));
        barrier.Release();
        await rig.StopAsync();
        Assert.Null(rig.Store["new"]);
        // The save held it to the end, and nothing holds it now.
        Assert.False(definition.Secret.TryHold());
    }

    [Fact]
    public async Task A_reload_waits_for_the_disk_and_blocks_nothing_else()
    {
        await using var rig = await RegistryRig.StartAsync(
            Definition("changed", Settings), Definition("kept", Settings), Definition("gone", Settings));
        var barrier = rig.HoldNextSave();
        var reload = rig.Registry.ReplaceAllAsync(_ => new TableReplacement(
            [new ClientReplacement.Keep("kept"), new ClientReplacement.Keep("changed", Settings with { Host = "other" })], [], []));
        await barrier.Reached;
        var remove = rig.Registry.ApplyAsync("kept", new ClientEvent.Remove());

        Assert.Equal("secret", await rig.FetchAsync("kept"));
        // The end of the connection is to be saved, and waits for the reload, before the disk counts as stuck.
        await rig.Registry.PingAsync(TestContext.Current.CancellationToken);
        rig.Time.Advance(Patience);
        await rig.Registry.PingAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ChangeOutcomeKind.NotSaved, (await rig.Registry.ApplyAsync("kept", new ClientEvent.Disable())).Kind);
        Assert.Equal("Disabled", await rig.FetchAsync("kept"));

        Assert.False(reload.IsCompleted);
        barrier.Release();
        Assert.Equal([ChangeOutcome.Done, ChangeOutcome.Done], await Task.WhenAll(reload, remove));
        Assert.Equal(["changed"], rig.Registry.Clients.Select(c => c.Name));
        await rig.SettleAsync();
        Assert.Equal(1, rig.Store.Count);
    }

    [Fact]
    public async Task A_stop_waits_for_the_running_save_and_the_queued_changes()
    {
        var rig = await RegistryRig.StartAsync(Definition("a", Settings), Definition("b", Settings));
        var barrier = await StuckInCheckedOkAsync(rig, "b");
        var disable = rig.Registry.ApplyAsync("a", new ClientEvent.Disable());
        var stop = rig.StopAsync();
        Assert.False(stop.IsCompleted);

        barrier.Release();
        await stop;

        Assert.Equal(ChangeOutcome.Done, await disable);
        Assert.False(rig.Store["a"]!.Enabled);
        Assert.False(rig.Registry.IsStoreInUse);
        await rig.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_does_not_wait_forever()
    {
        var rig = await RegistryRig.StartAsync(Definition("a", Settings), Definition("b", Settings));
        var barrier = await StuckInCheckedOkAsync(rig, "b");
        var disable = rig.Registry.ApplyAsync("a", new ClientEvent.Disable());
        var stop = rig.StopAsync();

        while (!stop.IsCompleted)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(stop, Task.Delay(1, TestContext.Current.CancellationToken));
        }

        await stop;
        Assert.Equal(ChangeOutcomeKind.NotSaved, (await disable).Kind);
        Assert.Contains("stopping without saving", rig.Log, StringComparison.Ordinal);
        Assert.True(rig.Registry.IsStoreInUse);
        barrier.Release();
        await rig.DisposeAsync();
    }

    private static async Task<RegistryRig.Barrier> StuckInCheckedOkAsync(RegistryRig rig, string client)
    {
        var barrier = rig.HoldNextSave();
        _ = rig.Registry.ApplyAsync(client, new ClientEvent.CheckedOk());
        await barrier.Reached;
        return barrier;
    }
}
