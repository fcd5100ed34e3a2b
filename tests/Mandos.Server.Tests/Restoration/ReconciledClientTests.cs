using CsCheck;
using Mandos.Core.Durations;
using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Tests.Store;
using static Mandos.Server.Tests.Restoration.ReconciliationStory;

namespace Mandos.Server.Tests.Restoration;

/// <summary>What becomes of one client at a start: its settings, secret, key and remaining time.</summary>
public sealed class ReconciledClientTests
{
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
    public void A_new_client_gets_the_durations_of_its_definition()
    {
        var definition = Define("a") with { Settings = TestStore.Settings() with { Timeout = new Duration(TimeSpan.FromHours(2)) } };
        using var plan = Start(null, [definition]);
        Assert.Equal(Now + TimeSpan.FromHours(2), Only(plan).Expires);
    }
}
