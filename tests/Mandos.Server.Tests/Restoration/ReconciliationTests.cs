using CsCheck;
using Mandos.Core.Durations;
using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Tests.Store;

namespace Mandos.Server.Tests.Restoration;

/// <summary>What was saved, against what the configuration says, at a start.</summary>
public sealed class ReconciliationTests
{
    private static readonly Moment Now = new(new DateTime(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc), TimeSpan.FromHours(1));
    private static readonly TimeSpan Left = TimeSpan.FromMinutes(3);

    private static string Digest(string client, ClientSecret secret) => client + "/" + TestStore.Text(secret);

    private static ClientDefinition Define(
        string name, string secret = "configured", bool enabled = true, string host = "host", string? key = null) =>
        new(name, TestStore.Key(key ?? name), "", TestStore.Settings(host), enabled, TestStore.Secret(secret));

    private static ConfiguredClient Section(
        string name, string secret = "configured", bool enabled = true, string host = "host", string? key = null) =>
        new(name, TestStore.Key(key ?? name), "", TestStore.Settings(host), enabled, $"{name}/{secret}");

    private static StoredClient Saved(
        string name, bool enabled = true, string secret = "configured", TimeSpan? left = null, string host = "host") =>
        new()
        {
            State = new ClientState
            {
                Name = name,
                KeyId = TestStore.Key(name),
                Created = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc),
                Settings = TestStore.Settings(host),
                Secret = TestStore.Secret(secret),
                Enabled = enabled,
                SecretsGiven = 7,
            },
            Remaining = enabled ? left ?? Left : null,
        };

    private static StoredState State(StoredClient[] clients, params ConfiguredClient[] sections) =>
        new(clients, sections.ToDictionary(s => s.Name));

    private static ReconciliationPlan Start(StoredState? stored, ClientDefinition[] definitions, params string[] faulty) =>
        Reconciliation.AtStart(stored, new(definitions, faulty.ToHashSet()), Now, Digest);

    private static ClientState Only(ReconciliationPlan plan) => Assert.IsType<ReconciliationStep.Add>(Assert.Single(plan.Steps)).State;

    [Fact]
    public void Without_a_saved_state_all_clients_are_new()
    {
        using var plan = Start(null, [Define("b"), Define("a", enabled: false)]);
        Assert.Equal(["b", "a"], plan.Order);
        var states = plan.Steps.Cast<ReconciliationStep.Add>().Select(a => a.State).ToArray();
        Assert.Equal(
            (true, Now.Wall, Now.Wall, Now + TimeSpan.FromMinutes(5)),
            (states[0].Enabled, states[0].Created, states[0].LastEnabled, states[0].Expires));
        Assert.Equal((false, null, null), (states[1].Enabled, states[1].LastEnabled, states[1].Expires));
        Assert.Equal([Section("b"), Section("a", enabled: false)], plan.Origin.Configured);
        Assert.Empty(plan.Notices);
    }

    [Fact]
    public void A_client_that_was_disabled_stays_disabled()
    {
        using var plan = Start(State([Saved("a", enabled: false)], Section("a")), [Define("a")]);
        Assert.False(Only(plan).Enabled);
        Assert.Equal(7, Only(plan).SecretsGiven);
    }

    [Fact]
    public void The_timeout_of_an_enabled_client_keeps_running()
    {
        using var plan = Start(State([Saved("a")], Section("a")), [Define("a")]);
        Assert.Equal(Now + Left, Only(plan).Expires);
    }

    [Theory]
    [InlineData("host", "host", "bus", "bus")]
    [InlineData("host", "other", "bus", "other")]
    [InlineData("host", "other", "host", "other")]
    public void A_setting_follows_the_configuration_only_if_the_configuration_changed(
        string before, string configured, string current, string result)
    {
        using var plan = Start(State([Saved("a", host: current)], Section("a", host: before)), [Define("a", host: configured)]);
        Assert.Equal(result, Only(plan).Settings.Host);
    }

    [Fact]
    public void Each_setting_is_merged_separately() =>
        Gen.Select(StateGen.Settings, StateGen.Settings, StateGen.Settings, Gen.Bool.Array[8]).Sample((before, configured, current, same) =>
    {
        configured = configured with
        {
            Host = same[0] ? before.Host : configured.Host,
            Checker = same[1] ? before.Checker : configured.Checker,
            Timeout = same[2] ? before.Timeout : configured.Timeout,
            ExtendedTimeout = same[3] ? before.ExtendedTimeout : configured.ExtendedTimeout,
            Interval = same[4] ? before.Interval : configured.Interval,
            ApprovalDelay = same[5] ? before.ApprovalDelay : configured.ApprovalDelay,
            ApprovalDuration = same[6] ? before.ApprovalDuration : configured.ApprovalDuration,
            ApprovedByDefault = same[7] ? before.ApprovedByDefault : configured.ApprovedByDefault,
        };
        var merged = SettingsMerge.Of(before, configured, current);
        Assert.Equal(before.Host == configured.Host ? current.Host : configured.Host, merged.Host);
        Assert.Equal(before.Checker == configured.Checker ? current.Checker : configured.Checker, merged.Checker);
        Assert.Equal(before.Timeout == configured.Timeout ? current.Timeout : configured.Timeout, merged.Timeout);
        Assert.Equal(
            before.ExtendedTimeout == configured.ExtendedTimeout ? current.ExtendedTimeout : configured.ExtendedTimeout,
            merged.ExtendedTimeout);
        Assert.Equal(before.Interval == configured.Interval ? current.Interval : configured.Interval, merged.Interval);
        Assert.Equal(
            before.ApprovalDelay == configured.ApprovalDelay ? current.ApprovalDelay : configured.ApprovalDelay, merged.ApprovalDelay);
        Assert.Equal(
            before.ApprovalDuration == configured.ApprovalDuration ? current.ApprovalDuration : configured.ApprovalDuration,
            merged.ApprovalDuration);
        Assert.Equal(
            before.ApprovedByDefault == configured.ApprovedByDefault ? current.ApprovedByDefault : configured.ApprovedByDefault,
            merged.ApprovedByDefault);
    });

    [Theory]
    [InlineData("configured", "configured", "bus")]
    [InlineData("configured", "another", "another")]
    public void A_secret_set_at_run_time_is_kept_until_the_configured_one_changes(string before, string configured, string result)
    {
        using var plan = Start(State([Saved("a", secret: "bus")], Section("a", before)), [Define("a", configured)]);
        Assert.Equal(result, TestStore.Text(Only(plan).Secret));
    }

    [Theory]
    [InlineData(true, false, true, false)]
    [InlineData(false, true, false, true)]
    [InlineData(true, true, false, false)]
    [InlineData(false, false, true, true)]
    public void Enabled_follows_the_configuration_only_if_the_configuration_changed(bool before, bool configured, bool current, bool result)
    {
        using var plan = Start(State([Saved("a", enabled: current)], Section("a", enabled: before)), [Define("a", enabled: configured)]);
        Assert.Equal(result, Only(plan).Enabled);
        Assert.Equal(result, Only(plan).Expires is not null);
    }

    [Theory]
    [InlineData(80, 4, true)]
    [InlineData(80, 3, false)]
    [InlineData(null, 5, false)]
    public void Clients_that_expired_while_no_server_ran_stay_enabled_once_if_most_fail(int? percent, int failing, bool expected)
    {
        string[] names = ["a", "b", "c", "d", "e"];
        var stored = names.Select((name, i) =>
        {
            var saved = Saved(name, left: TimeSpan.FromSeconds(-1));
            return saved with { State = saved.State with { LastCheckedOk = Now.Wall, LastCheckerStatus = i < failing ? 1 : 0 } };
        }).ToArray();
        var configuration = new ConfiguredTable([.. names.Select(name => Define(name))], new HashSet<string>()) { MassFailure = percent };
        using var plan = Reconciliation.AtStart(State(stored, [.. names.Select(name => Section(name))]), configuration, Now, Digest);

        var a = plan.Steps.OfType<ReconciliationStep.Add>().Single(step => step.Name == "a").State;
        Assert.Equal((expected, expected), (a.Enabled, a.IsExpiryHeld));
        Assert.Equal(expected ? Now + a.Settings.Timeout.Value : null, a.Expires);
        var reason = expected ? $"{failing} of 5 clients (mass_failure)" : "its last check failed";
        Assert.Contains(
            plan.Notices, notice => notice is { Client: "a", IsWarning: true } && notice.Text.Contains(reason, StringComparison.Ordinal));
        // Once only.
        using var again = Reconciliation.AtStart(
            State([new() { State = a with { Secret = TestStore.Secret("configured") }, Remaining = TimeSpan.Zero }], Section("a")),
            configuration with { Clients = [Define("a")], Order = ["a"] }, Now, Digest);
        Assert.False(Only(again).Enabled);
    }

    [Fact]
    public void A_client_that_is_no_longer_configured_is_dropped()
    {
        using var plan = Start(State([Saved("a"), Saved("b")], Section("a"), Section("b")), [Define("b")]);
        Assert.Equal("b", Only(plan).Name);
        Assert.Equal("b", Assert.Single(plan.Origin.Configured).Name);
    }

    [Fact]
    public void Saved_clients_are_served_while_part_of_the_configuration_cannot_be_read()
    {
        var stored = State(
            [Saved("a", enabled: false), Saved("b"), Saved("on the bus")], Section("a"), Section("b"), Section("removed on the bus"));
        using var plan = Reconciliation.AtStart(stored, new([Define("b")], new HashSet<string>(), IsWhole: false), Now, Digest);
        Assert.Equal(["b", "a", "on the bus"], plan.Order);
        var served = plan.Steps.OfType<ReconciliationStep.Add>().Single(s => s.Name == "a").State;
        Assert.False(served.Enabled);
        Assert.Empty(plan.Origin.Dormant);
        Assert.Equal([Section("b"), Section("a"), Section("removed on the bus")], plan.Origin.Configured);

        using var mended = Reconciliation.AtReload(
            [served], plan.Origin, new([Define("a"), Define("removed on the bus")], new HashSet<string>()), Now, Digest);
        Assert.Empty(mended.Steps);
    }

    [Fact]
    public void A_client_removed_on_the_bus_stays_removed_until_its_section_was_absent_once()
    {
        using var first = Start(State([], Section("a")), [Define("a")]);
        Assert.Empty(first.Steps);
        Assert.Contains("stays removed", Assert.Single(first.Notices).Text, StringComparison.Ordinal);
        using var absent = Start(State([], [.. first.Origin.Configured]), []);
        Assert.Empty(absent.Steps);
        using var back = Start(State([], [.. absent.Origin.Configured]), [Define("a")]);
        Assert.Equal("a", Only(back).Name);
    }

    [Fact]
    public void A_client_removed_on_the_bus_and_then_from_the_configuration_is_ignored()
    {
        using var plan = Start(State([Saved("b")], Section("a"), Section("b")), [Define("b")]);
        Assert.Equal("b", Only(plan).Name);
    }

    [Fact]
    public void A_client_added_on_the_bus_is_kept_after_the_configured_ones()
    {
        using var plan = Start(State([Saved("added"), Saved("a")], Section("a")), [Define("a"), Define("new")]);
        Assert.Equal(["a", "new", "added"], plan.Order);
        Assert.Equal(["a", "new"], plan.Origin.Configured.Select(c => c.Name));
    }

    [Fact]
    public void A_client_added_on_the_bus_follows_its_new_section_but_is_not_enabled_by_it()
    {
        using var plan = Start(State([Saved("a", enabled: false, secret: "bus", host: "bus")]), [Define("a")]);
        Assert.Equal((false, "host", "configured"), (Only(plan).Enabled, Only(plan).Settings.Host, TestStore.Text(Only(plan).Secret)));
    }

    [Fact]
    public void A_changed_key_in_the_configuration_is_applied()
    {
        using var plan = Start(State([Saved("a", enabled: false)], Section("a")), [Define("a", key: "other")]);
        Assert.Equal((TestStore.Key("other"), false), (Only(plan).KeyId, Only(plan).Enabled));
    }

    [Theory]
    [InlineData(false, ClientState.NoCheckYet, false)]
    [InlineData(false, 0, false)]
    [InlineData(true, 1, false)]
    [InlineData(true, ClientState.CheckKilled, false)]
    [InlineData(true, 0, true)]
    public void A_client_that_expired_in_the_meantime_is_enabled_only_if_its_last_check_succeeded(
        bool everChecked, int status, bool enabled)
    {
        var saved = Saved("a", left: TimeSpan.FromSeconds(-1));
        saved = saved with { State = saved.State with { LastCheckedOk = everChecked ? Now.Wall : null, LastCheckerStatus = status } };
        using var plan = Start(State([saved], Section("a")), [Define("a")]);
        Assert.Equal(enabled, Only(plan).Enabled);
        Assert.Equal(enabled ? Now + TimeSpan.FromMinutes(5) : null, Only(plan).Expires);
        Assert.Equal(enabled ? [] : ["a"], plan.Notices.Where(n => n.IsWarning).Select(n => n.Client));
    }

    [Theory]
    [InlineData(60, 3, 60, 3)]
    [InlineData(-60, 3, 0, 3)]
    [InlineData(-60, -3, 0, 5)]
    public void Maintenance_continues_and_one_that_ended_while_no_server_ran_leaves_time_for_a_check(
        int maintenance, int left, int restored, int expires)
    {
        var saved = Saved("a", left: TimeSpan.FromMinutes(left));
        saved = new()
        {
            State = saved.State with { LastCheckedOk = Now.Wall, LastCheckerStatus = 1 },
            Remaining = saved.Remaining,
            MaintenanceLeft = TimeSpan.FromMinutes(maintenance),
        };
        using var plan = Start(State([saved], Section("a")), [Define("a")]);
        Assert.Equal(
            (true, Now + TimeSpan.FromMinutes(restored), Now + TimeSpan.FromMinutes(expires)),
            (Only(plan).Enabled, Only(plan).Maintenance!.Value, Only(plan).Expires!.Value));
        Assert.Empty(plan.Notices);
    }

    [Fact]
    public void Another_machine_under_the_same_name_does_not_inherit_maintenance()
    {
        var saved = Saved("a", left: TimeSpan.FromHours(3));
        saved = new() { State = saved.State, Remaining = saved.Remaining, MaintenanceLeft = TimeSpan.FromHours(2) };
        using var plan = Start(State([saved], Section("a")), [Define("a", key: "other")]);
        Assert.Equal((null, Now + TimeSpan.FromMinutes(5)), (Only(plan).Maintenance, Only(plan).Expires!.Value));

        var running = Only(plan) with
        {
            Maintenance = Now + TimeSpan.FromHours(2),
            Expires = Now + TimeSpan.FromHours(3),
            ExpiresOtherwise = Now + TimeSpan.FromMinutes(4),
        };
        using var reloaded = Reconciliation.AtReload(
            [running], plan.Origin, new([Define("a", key: "third")], new HashSet<string>()), Now, Digest);
        var next = reloaded.Steps.OfType<ReconciliationStep.Add>().Single().State;
        Assert.Equal((null, null, Now + TimeSpan.FromMinutes(4)), (next.Maintenance, next.ExpiresOtherwise, next.Expires!.Value));
    }

    [Fact]
    public void A_client_with_an_invalid_section_is_served_as_saved_and_follows_the_section_when_it_is_fixed()
    {
        var plan = Start(State([Saved("a", enabled: false, secret: "bus"), Saved("b")], Section("a"), Section("b")), [Define("b")], "a");
        Assert.Equal(["b", "a"], plan.Order);
        Assert.Contains(plan.Notices, n => n is { Client: "a", IsWarning: true });
        var served = plan.Steps.OfType<ReconciliationStep.Add>().Single(s => s.Name == "a").State;
        Assert.Equal((false, "bus"), (served.Enabled, TestStore.Text(served.Secret)));
        var again = State([Saved("b"), new StoredClient { State = served }], [.. plan.Origin.Configured]);
        using var mended = Start(again, [Define("a"), Define("b")]);
        var client = mended.Steps.OfType<ReconciliationStep.Add>().Single(s => s.Name == "a").State;
        Assert.Equal((false, "bus"), (client.Enabled, TestStore.Text(client.Secret)));
    }


    [Fact]
    public void A_client_removed_on_the_bus_stays_removed_while_its_section_is_invalid()
    {
        using var plan = Start(State([], Section("a")), [], "a");
        using var mended = Start(State([], [.. plan.Origin.Configured]), [Define("a")]);
        Assert.Empty(mended.Steps);
    }

    [Fact]
    public void Two_clients_with_the_same_key_are_reported()
    {
        using var plan = Start(State([Saved("added")]), [Define("a", key: "added")]);
        Assert.Equal(["a", "added"], plan.Order);
        Assert.Contains("same key_id as client [a]", Assert.Single(plan.Notices).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_secret_is_in_the_plan_or_released() => Gen.Select(Kind, Kind, Kind, Gen.Bool.Array[3]).Sample((a, b, c, changed) =>
    {
        var all = new List<ClientSecret>();
        var saved = new List<StoredClient>();
        var sections = new List<ConfiguredClient>();
        var definitions = new List<ClientDefinition>();
        foreach (var (kind, i) in new[] { a, b, c }.Select((k, i) => (k, i)))
        {
            var name = $"client-{i}";
            if (kind.HasFlag(Place.Saved))
                saved.Add(Saved(name));
            if (kind.HasFlag(Place.Before))
                sections.Add(Section(name));
            if (kind.HasFlag(Place.Now))
                definitions.Add(Define(name, changed[i] ? "changed" : "configured"));
        }

        all.AddRange(saved.Select(s => s.State.Secret).Concat(definitions.Select(d => d.Secret)));
        var plan = Start(State([.. saved], [.. sections]), [.. definitions], "client-0");
        var held = plan.Steps.Cast<ReconciliationStep.Add>()
            .Select(s => s.State.Secret)
            .Concat(plan.Origin.Dormant.Select(d => d.Secret))
            .ToHashSet();
        foreach (var secret in all)
            AssertHolders(secret, held.Contains(secret) ? 1 : 0);
        plan.Dispose();
        foreach (var secret in all)
            AssertHolders(secret, 0);
    });

    [Flags]
    private enum Place
    {
        None = 0,
        Saved = 1,
        Before = 2,
        Now = 4,
    }

    private static readonly Gen<Place> Kind = Gen.Int[0, 7].Select(i => (Place)i);

    private static void AssertHolders(ClientSecret secret, int count)
    {
        var alive = secret.TryHold();
        if (alive)
            secret.Dispose();
        Assert.Equal(count > 0, alive);
    }

    [Fact]
    public void A_new_client_gets_the_durations_of_its_definition()
    {
        var definition = Define("a") with { Settings = TestStore.Settings() with { Timeout = new Duration(TimeSpan.FromHours(2)) } };
        using var plan = Start(null, [definition]);
        Assert.Equal(Now + TimeSpan.FromHours(2), Only(plan).Expires);
    }
}
