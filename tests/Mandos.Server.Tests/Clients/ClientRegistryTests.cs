using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>One loop for all clients.</summary>
public class ClientRegistryTests
{
    [Fact]
    public async Task Observers_see_new_clients_before_their_timeouts_start()
    {
        await using var rig = new RegistryRig(Definition("a", Settings), Definition("b", Settings, enabled: false));
        await rig.SettleAsync();
        Assert.Equal(["a: new", "b: new", "a: Expires"], rig.Seen);
        Assert.Equal(["a", "b"], rig.Registry.Clients.Select(c => c.Name));
    }

    [Fact]
    public async Task First_checks_are_spread_over_the_interval_and_later_ones_stay_spread()
    {
        await using var rig = await RegistryRig.StartAsync([.. Enumerable.Range(0, 100).Select(n => Definition($"c{n}", Settings))]);
        rig.Checkers.AtOnce = _ => ChildExit.Exited(0);
        var starts = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            await rig.AdvanceAsync(Seconds(30));
            starts.Add(rig.Checkers.Started);
        }

        Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 10, 40));
        Assert.Equal(100, rig.Checkers.Started);
        await rig.AdvanceAsync(Seconds(120));
        Assert.Equal(200, rig.Checkers.Started);
        Assert.All(rig.Registry.Clients, c => Assert.Equal(0, c.LastCheckerStatus));
    }

    [Fact]
    public async Task A_client_without_a_successful_check_is_disabled_by_the_timer()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        rig.Checkers.AtOnce = _ => ChildExit.Exited(1);
        await rig.AdvanceAsync(Seconds(299));
        Assert.True(rig["a"].Enabled);
        await rig.AdvanceAsync(Seconds(1));
        Assert.False(rig["a"].Enabled);
        Assert.False(rig.Store["a"]!.Enabled);
        Assert.Contains("client [a]: disabled, no check succeeded in time", rig.Log, StringComparison.Ordinal);
        Assert.Equal("Disabled", await rig.FetchAsync("a"));
    }

    [Fact]
    public async Task Delivery_extends_the_timeout_and_is_counted()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        Assert.Equal("secret", await rig.FetchAsync("a"));
        await rig.SettleAsync();
        Assert.Equal("secret", await rig.FetchAsync("a", delivered: false));
        await rig.SettleAsync();
        Assert.Equal(["a: release 1", "a: Expires; given 1; SecretsGiven", "a: release 2", "a: "], rig.Seen);
        Assert.Equal(1, rig.Store["a"]!.SecretsGiven);
        Assert.Equal(Moment.Now(rig.Time) + TimeSpan.FromMinutes(15), rig["a"].Expires);
    }

    [Fact]
    public async Task Unknown_keys_are_reported_and_get_no_secret()
    {
        await using var rig = await RegistryRig.StartAsync(
            Definition("a", Settings), Definition("nothing", Settings) with { KeyId = KeyId.OfNothing });
        Assert.Equal("unknown", await rig.FetchAsync("stranger"));
        await rig.SettleAsync();
        Assert.Equal([$"unknown {RegistryRig.Key("stranger")} at ::1"], rig.Seen);
        Assert.True(rig.Registry.Knows(RegistryRig.Key("a")));
        Assert.False(rig.Registry.Knows(RegistryRig.Key("stranger")));
        Assert.False(rig.Registry.Knows(KeyId.OfNothing));
    }

    [Theory]
    [InlineData(true, "secret")]
    [InlineData(false, "Denied")]
    public async Task A_request_waits_for_a_decision(bool approved, string answer)
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Guarded));
        var fetch = rig.FetchAsync("a");
        await rig.SettleAsync();
        Assert.False(fetch.IsCompleted);
        Assert.True(rig["a"].ApprovalPending);
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync("a", new ClientEvent.Decide(approved)));
        Assert.Equal(answer, await fetch);
        await rig.SettleAsync();
        Assert.False(rig["a"].ApprovalPending);
        Assert.Contains(
            approved ? "client [a]: approved by an operator" : "client [a]: denied by an operator", rig.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_a_decision_is_decided_by_the_timer()
    {
        await using var rig = await RegistryRig.StartAsync(
            Definition("a", Guarded), Definition("b", Guarded with { ApprovedByDefault = true }));
        var fetches = Task.WhenAll(rig.FetchAsync("a"), rig.FetchAsync("b"));
        await rig.SettleAsync();
        await rig.AdvanceAsync(Seconds(10));
        Assert.Equal(["ApprovalTimedOut", "secret"], await fetches);
    }

    [Fact]
    public async Task Disabling_or_removing_a_client_ends_its_waiting_requests_at_once()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Guarded), Definition("b", Guarded));
        var (a, b) = (rig.FetchAsync("a"), rig.FetchAsync("b"));
        await rig.SettleAsync();
        await rig.Registry.ApplyAsync("a", new ClientEvent.Disable());
        await rig.Registry.ApplyAsync("b", new ClientEvent.Remove());
        Assert.Equal("Disabled", await a);
        Assert.Equal("Removed", await b);
        Assert.Equal("unknown", await rig.FetchAsync("b"));
        Assert.Null(rig.Registry.Find("b"));
        Assert.Null(rig.Store["b"]);
    }

    [Fact]
    public async Task A_withdrawn_request_ends_its_pending_approval()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Guarded));
        using var gone = new CancellationTokenSource();
        var answer = rig.AskAsync("a", gone.Token);
        await rig.SettleAsync();
        Assert.True(rig["a"].ApprovalPending);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await rig.SettleAsync();
        Assert.False(rig["a"].ApprovalPending);
        Assert.Equal("a: ApprovalPending", rig.Seen.Last());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.AskAsync("a", gone.Token));
        Assert.Empty(rig["a"].Requests);
    }

    [Fact]
    public async Task A_check_is_started_by_hand_and_stopped_when_the_client_is_disabled()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        await rig.Registry.ApplyAsync("a", new ClientEvent.StartChecker());
        Assert.Equal(["a"], rig.Checkers.Running);
        rig.Checkers.End("a", ChildExit.Exited(3));
        await rig.SettleAsync();
        Assert.Equal(3, rig["a"].LastCheckerStatus);
        await rig.Registry.ApplyAsync("a", new ClientEvent.StartChecker());
        await rig.Registry.ApplyAsync("a", new ClientEvent.Disable());
        Assert.Empty(rig.Checkers.Running);
    }

    [Fact]
    public async Task Settings_change_from_their_current_values_and_invalid_values_are_refused()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        var changes = Enumerable.Range(0, 10).Select(
            _ => rig.Registry.ConfigureAsync("a", s => s with { Timeout = new(s.Timeout.Value + Seconds(1)) }));
        Assert.All(await Task.WhenAll(changes), o => Assert.Equal(ChangeOutcome.Done, o));
        Assert.Equal(Seconds(310), rig["a"].Settings.Timeout.Value);
        var zero = await rig.Registry.ConfigureAsync("a", s => s with { Interval = Duration.Zero });
        Assert.Equal(ChangeOutcomeKind.Refused, zero.Kind);
        var negative = await rig.Registry.ConfigureAsync("a", s => s with { Interval = new(Seconds(-1)) });
        Assert.Equal(ChangeOutcomeKind.Refused, negative.Kind);
        var missing = await rig.Registry.ConfigureAsync("missing", s => s);
        Assert.Equal(ChangeOutcomeKind.NoSuchClient, missing.Kind);
        Assert.Equal(Minutes(2), rig["a"].Settings.Interval);
    }

    [Fact]
    public async Task A_replaced_secret_is_wiped_when_it_is_no_longer_being_delivered()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        var old = rig["a"].Secret;
        var answer = await rig.AskAsync("a");
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync("a", new ClientEvent.ReplaceSecret(Secret("other"))));
        Assert.Equal("secret", RegistryRig.Text(answer.Secret));
        await answer.DisposeAsync();
        await answer.DisposeAsync();
        Assert.False(old.TryHold());
        Assert.Equal("other", await rig.FetchAsync("a"));
        Assert.Equal("other", rig.Store.SecretOf("a"));
    }

    [Fact]
    public async Task A_secret_for_a_client_that_does_not_exist_is_wiped()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        var lost = Secret("lost");
        Assert.Equal(ChangeOutcomeKind.NoSuchClient, (await rig.Registry.ApplyAsync("b", new ClientEvent.ReplaceSecret(lost))).Kind);
        Assert.False(lost.TryHold());
    }

    [Fact]
    public async Task A_client_can_be_added_under_a_new_name_with_a_new_key()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.AddAsync(Definition("b", Settings, secret: "of b")));
        Assert.Equal(["b: new", "b: Expires"], rig.Seen);
        Assert.Equal("of b", await rig.FetchAsync("b"));
        Assert.Equal("of b", rig.Store.SecretOf("b"));
        foreach (var bad
            in new[] { Definition("b", Settings), Definition("c", Settings) with { KeyId = RegistryRig.Key("a") },
                Definition("d", Settings with { Interval = Duration.Zero }), Definition("e", Settings) with { KeyId = KeyId.OfNothing } })
        {
            Assert.Equal(ChangeOutcomeKind.Refused, (await rig.Registry.AddAsync(bad)).Kind);
            Assert.False(bad.Secret.TryHold());
        }

        Assert.Equal(["a", "b"], rig.Registry.Clients.Select(c => c.Name));
    }

    [Fact]
    public async Task A_stop_stops_checks_cancels_waits_and_counts_deliveries()
    {
        var rig = await RegistryRig.StartAsync(Definition("a", Settings), Definition("b", Guarded));
        await rig.Registry.ApplyAsync("a", new ClientEvent.StartChecker());
        var wait = rig.AskAsync("b");
        await rig.FetchAsync("a");
        await rig.StopAsync();
        Assert.Empty(rig.Checkers.Running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(1, rig.Store["a"]!.SecretsGiven);
        Assert.Equal(ChangeOutcomeKind.NotSaved, (await rig.Registry.ApplyAsync("a", new ClientEvent.Enable())).Kind);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.AskAsync("b"));
        var secret = rig["a"].Secret;
        await rig.DisposeAsync();
        Assert.False(secret.TryHold());
    }
}
