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
    public async Task A_change_is_neither_visible_nor_acknowledged_before_it_is_saved(bool enable)
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
    public async Task A_request_waits_while_the_enabling_of_its_client_is_saved()
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
    public async Task Changes_made_during_a_save_are_saved_right_after_it()
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
    public async Task State_that_belongs_to_one_run_is_not_saved()
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
    public async Task A_client_that_expires_while_a_change_is_being_saved_gets_no_secret()
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
    public async Task A_secret_is_not_delivered_when_its_client_is_disabled_at_the_same_moment()
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
    public async Task While_nothing_can_be_saved_changes_that_give_access_are_refused()
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
            await rig.Registry.ApplyAsync("on", new ClientEvent.Maintain(TimeSpan.FromHours(1))),
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
    public async Task While_nothing_can_be_saved_restrictions_take_effect_and_are_saved_as_soon_as_possible()
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
    public async Task Maintenance_is_saved_before_it_is_effective_and_its_end_does_not_wait_for_the_disk()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings), Definition("off", Settings, enabled: false));
        var hour = new ClientEvent.Maintain(TimeSpan.FromHours(1));
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync("a", hour));
        Assert.Equal(rig["a"].Maintenance, rig.Store["a"]!.Maintenance);
        Assert.Contains("client [a]: in maintenance, is not disabled until ", rig.Log, StringComparison.Ordinal);
        Assert.Equal(
            new(ChangeOutcomeKind.Refused, "client [off] is disabled; enable it first"), await rig.Registry.ApplyAsync("off", hour));

        rig.Store.Failure = "the disk is full";
        Assert.Equal(
            new(ChangeOutcomeKind.NotSaved, "it is done, but not saved yet: the disk is full"),
            await rig.Registry.ApplyAsync("a", new ClientEvent.Maintain(TimeSpan.Zero)));
        Assert.Null(rig["a"].Maintenance);
        Assert.Contains("client [a]: maintenance is over; will be disabled at ", rig.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_registry_ends_maintenance_and_disables_a_client_that_has_not_come_back()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        await rig.Registry.ApplyAsync("a", new ClientEvent.Maintain(TimeSpan.FromHours(1)));
        await rig.AdvanceAsync(TimeSpan.FromMinutes(59));
        Assert.True(rig["a"].Enabled);
        await rig.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((true, null), (rig["a"].Enabled, rig["a"].Maintenance));
        Assert.Null(rig.Store["a"]!.Maintenance);
        await rig.AdvanceAsync(Seconds(130));
        Assert.False(rig["a"].Enabled);
    }

    [Fact]
    public async Task A_denial_works_even_if_the_store_fails()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Guarded));
        rig.Store.Failure = "the disk is full";
        var fetch = rig.FetchAsync("a");
        await rig.SettleAsync();
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync("a", new ClientEvent.Decide(false)));
        Assert.Equal("Denied", await fetch);
    }

    [Fact]
    public async Task Checks_deliveries_and_expiry_work_in_memory_and_are_saved_later()
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
    public async Task An_unsaved_change_is_retried_once_at_the_stop()
    {
        var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        rig.Store.Failure = "the disk is full";
        await rig.Registry.ApplyAsync("a", new ClientEvent.Disable());
        rig.Store.Failure = null;
        await rig.DisposeAsync();
        Assert.False(rig.Store["a"]!.Enabled);
    }

    [Fact]
    public async Task A_client_added_again_before_its_removal_is_saved_is_not_removed()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        rig.Store.Failure = "the disk is full";
        await rig.Registry.ApplyAsync("a", new ClientEvent.Remove());
        rig.Store.Failure = null;
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.AddAsync(Definition("a", Settings, secret: "anew")));
        Assert.Equal("anew", rig.Store.SecretOf("a"));
    }
}
