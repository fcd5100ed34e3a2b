using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>What decides who gets a secret is durable before it is effective; what happens when it cannot be.</summary>
public class ClientRegistryDurabilityTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_is_neither_seen_nor_acknowledged_before_it_is_saved(bool enable)
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Guarded, enabled: !enable));
        var barrier = rig.HoldNextSave();
        var change = rig.Registry.ApplyAsync("a", enable ? new ClientEvent.Enable() : new ClientEvent.Disable());
        await barrier.Reached;
        Assert.Equal(!enable, rig["a"].Enabled);
        Assert.Empty(rig.Seen);
        Assert.False(change.IsCompleted);
        Assert.Empty(rig.Checkers.Running);
        barrier.Release();
        Assert.Equal(ChangeOutcome.Done, await change);
        Assert.Equal(enable, rig["a"].Enabled);
        Assert.Equal(enable, rig.Store["a"]!.Enabled);
    }

    [Fact]
    public async Task A_request_that_comes_while_an_enable_is_saved_waits_for_it()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings, enabled: false));
        var barrier = rig.HoldNextSave();
        var change = rig.Registry.ApplyAsync("a", new ClientEvent.Enable());
        await barrier.Reached;
        var fetch = rig.FetchAsync("a");
        Assert.False(fetch.IsCompleted);
        barrier.Release();
        Assert.Equal("secret", await fetch);
        Assert.True(change.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task What_happened_meanwhile_is_saved_at_once()
    {
        await using var rig = await RegistryRig.StartAsync([.. Enumerable.Range(0, 100).Select(n => Definition($"c{n}", Settings))]);
        var barrier = rig.HoldNextSave();
        var first = rig.Registry.ApplyAsync("c0", new ClientEvent.CheckedOk());
        await barrier.Reached;
        var saves = rig.Store.Saves;
        var rest = Enumerable.Range(1, 99).Select(n => rig.Registry.ApplyAsync($"c{n}", new ClientEvent.CheckedOk())).ToList();
        barrier.Release();
        await first;
        await Task.WhenAll(rest);
        Assert.Equal(saves + 2, rig.Store.Saves);
    }

    [Fact]
    public async Task What_lives_in_a_run_only_is_not_saved()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        var saves = rig.Store.Saves;
        await rig.Registry.ApplyAsync("a", new ClientEvent.StartChecker());
        await rig.Registry.ApplyAsync("a", new ClientEvent.Decide(true));
        await rig.FetchAsync("a", delivered: false);
        await rig.Registry.ApplyAsync("a", new ClientEvent.StopChecker());
        await rig.SettleAsync();
        Assert.Equal(saves, rig.Store.Saves);
    }

    [Fact]
    public async Task A_life_that_ends_while_something_is_saved_is_over_before_the_secret_goes_out()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Guarded), Definition("b", Settings));
        await rig.AdvanceAsync(Minutes(5).Value - TimeSpan.FromSeconds(5));
        var fetch = rig.FetchAsync("a");
        await rig.SettleAsync();
        rig.Seen.Clear();
        var first = rig.HoldNextSave();
        var before = rig.Registry.ApplyAsync("b", new ClientEvent.CheckedOk());
        await first.Reached;
        // Both are worked out together when the first is saved.
        var change = rig.Registry.ConfigureAsync("a", s => s with { Host = "other" });
        var decision = rig.Registry.ApplyAsync("a", new ClientEvent.Decide(true));
        rig.Store.Saving = _ =>
        {
            rig.Store.Saving = null;
            rig.Time.Advance(Seconds(6));
        };
        first.Release();
        Assert.Equal([ChangeOutcome.Done, ChangeOutcome.Done, ChangeOutcome.Done], await Task.WhenAll(before, change, decision));
        Assert.Equal("Disabled", await fetch);
        await rig.SettleAsync();
        Assert.Empty(rig["a"].Requests);
        Assert.DoesNotContain(rig.Seen, s => s.Contains("release", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_that_would_go_out_together_with_the_end_of_its_client_does_not()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Guarded), Definition("b", Settings));
        var fetch = rig.FetchAsync("a");
        await rig.SettleAsync();
        var barrier = rig.HoldNextSave();
        _ = rig.Registry.ApplyAsync("b", new ClientEvent.CheckedOk());
        await barrier.Reached;
        // All three are worked out together when the first is saved.
        _ = rig.Registry.ConfigureAsync("a", s => s with { Host = "other" });
        _ = rig.Registry.ApplyAsync("a", new ClientEvent.Decide(true));
        var disable = rig.Registry.ApplyAsync("a", new ClientEvent.Disable());
        barrier.Release();
        Assert.Equal("Disabled", await fetch);
        Assert.Equal(ChangeOutcome.Done, await disable);
    }

    [Fact]
    public async Task While_nothing_can_be_saved_what_gives_is_refused()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("off", Settings, enabled: false), Definition("on", Guarded));
        rig.Store.Failure = "the disk is full";
        var secret = Secret("other");
        var added = Definition("new", Settings);
        var end = rig["on"].Expires;
        rig.Time.Advance(Seconds(1));
        ChangeOutcome[] outcomes =
        [
            await rig.Registry.ApplyAsync("off", new ClientEvent.Enable()),
            await rig.Registry.ApplyAsync("on", new ClientEvent.CheckedOk()),
            await rig.Registry.ApplyAsync("on", new ClientEvent.ReplaceSecret(secret)),
            await rig.Registry.ConfigureAsync("on", s => s with { ApprovedByDefault = true }),
            await rig.Registry.ConfigureAsync("on", s => s with { Timeout = Minutes(6) }),
            await rig.Registry.AddAsync(added),
        ];
        Assert.All(
            outcomes,
            o => Assert.Equal(
                new ChangeOutcome(ChangeOutcomeKind.NotSaved, "it is not done, because it cannot be saved: the disk is full"), o));
        Assert.False(rig["off"].Enabled);
        Assert.Equal(end, rig["on"].Expires);
        Assert.Equal(Guarded, rig["on"].Settings);
        Assert.Equal("secret", RegistryRig.Text(rig["on"].Secret));
        Assert.False(secret.TryHold());
        Assert.False(added.Secret.TryHold());
        Assert.Null(rig.Registry.Find("new"));
        Assert.Empty(rig.Seen);
        Assert.Single(rig.Log.Split('\n'), l => l.Contains("cannot save", StringComparison.Ordinal));

        rig.Store.Failure = null;
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync("off", new ClientEvent.Enable()));
        Assert.Contains("saved again", rig.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_nothing_can_be_saved_what_takes_away_is_effective_and_saved_as_soon_as_possible()
    {
        await using var rig = await RegistryRig.StartAsync(
            Definition("a", Guarded), Definition("b", Guarded with { ApprovedByDefault = true }), Definition("c", Guarded));
        rig.Store.Failure = "the disk is full";
        var (a, c) = (rig.FetchAsync("a"), rig.FetchAsync("c"));
        await rig.SettleAsync();
        ChangeOutcome[] outcomes =
        [
            await rig.Registry.ApplyAsync("a", new ClientEvent.Disable()),
            await rig.Registry.ConfigureAsync("b", s => s with { ApprovedByDefault = false }),
            await rig.Registry.ApplyAsync("c", new ClientEvent.Remove()),
        ];
        Assert.All(
            outcomes,
            o => Assert.Equal(new ChangeOutcome(ChangeOutcomeKind.NotSaved, "it is done, but not saved yet: the disk is full"), o));
        Assert.Equal("Disabled", await a);
        Assert.Equal("Removed", await c);
        Assert.False(rig["a"].Enabled);
        Assert.False(rig["b"].Settings.ApprovedByDefault);
        Assert.Null(rig.Registry.Find("c"));
        Assert.True(rig.Store["a"]!.Enabled);

        rig.Store.Failure = null;
        // The pauses grow: one, two, four seconds.
        await rig.AdvanceAsync(Seconds(10));
        Assert.False(rig.Store["a"]!.Enabled);
        Assert.False(rig.Store["b"]!.Settings.ApprovedByDefault);
        Assert.Null(rig.Store["c"]);
    }

    [Fact]
    public async Task A_denial_needs_no_store()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Guarded));
        rig.Store.Failure = "the disk is full";
        var fetch = rig.FetchAsync("a");
        await rig.SettleAsync();
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync("a", new ClientEvent.Decide(false)));
        Assert.Equal("Denied", await fetch);
    }

    [Fact]
    public async Task Checks_deliveries_and_ends_of_lives_go_on_in_memory_and_are_saved_later()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings), Definition("b", Settings));
        rig.Store.Failure = "the disk is full";
        rig.Checkers.AtOnce = client => ChildExit.Exited(client == "a" ? 0 : 1);
        for (var i = 0; i < 6; i++)
            await rig.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.True(rig["a"].Enabled);
        Assert.False(rig["b"].Enabled);
        Assert.Null(rig.Store["a"]!.LastCheckedOk);
        Assert.Equal("secret", await rig.FetchAsync("a"));
        await rig.SettleAsync();
        Assert.Equal(1, rig["a"].SecretsGiven);
        Assert.InRange(rig.Store.Failures, 5, 20);

        rig.Store.Failure = null;
        await rig.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(1, rig.Store["a"]!.SecretsGiven);
        Assert.False(rig.Store["b"]!.Enabled);
    }

    [Fact]
    public async Task What_is_owed_is_tried_once_more_at_the_end()
    {
        var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        rig.Store.Failure = "the disk is full";
        await rig.Registry.ApplyAsync("a", new ClientEvent.Disable());
        rig.Store.Failure = null;
        await rig.DisposeAsync();
        Assert.False(rig.Store["a"]!.Enabled);
    }

    [Fact]
    public async Task A_name_that_comes_back_before_its_removal_was_saved_is_not_removed()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        rig.Store.Failure = "the disk is full";
        await rig.Registry.ApplyAsync("a", new ClientEvent.Remove());
        rig.Store.Failure = null;
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.AddAsync(Definition("a", Settings, secret: "anew")));
        Assert.Equal("anew", rig.Store.SecretOf("a"));
    }
}
