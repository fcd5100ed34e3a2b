using Mandos.Server.Clients;
using Mandos.Server.Restoration;

namespace Mandos.Server.Tests.Store;

/// <summary>What the configuration says, against a table that runs: no more is changed than must be.</summary>
public sealed class ReloadTests
{
    private static readonly Moment Now = new(new DateTime(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc), TimeSpan.FromHours(1));

    private static string Digest(string client, ClientSecret secret) => client + "/" + TestStore.Text(secret);

    private static ClientDefinition Define(
        string name, string secret = "configured", bool enabled = true, string host = "host", string? key = null) =>
        new(name, TestStore.Key(key ?? name), "", TestStore.Settings(host), enabled, TestStore.Secret(secret));

    private static ConfiguredClient Section(string name) =>
        new(name, TestStore.Key(name), "", TestStore.Settings(), Enabled: true, $"{name}/configured");

    private static ClientState Running(string name, bool enabled = true, string secret = "configured", string host = "host") => new()
    {
        Name = name,
        KeyId = TestStore.Key(name),
        Settings = TestStore.Settings(host),
        Secret = TestStore.Secret(secret),
        Enabled = enabled,
        Expires = enabled ? Now + TimeSpan.FromMinutes(1) : null,
        Requests = [new(1, SecretRequestPhase.Waiting, Now, NeededApproval: true)],
    };

    private static ReconciliationPlan Reload(
        ClientState[] running, ConfiguredClient[] sections, ClientDefinition[] definitions, params string[] faulty) =>
        Reconciliation.AtReload(running, new TableOrigin([.. sections], []), new(definitions, faulty.ToHashSet()), Now, Digest);

    private static ClientEvent OnlyEvent(ReconciliationPlan plan) =>
        Assert.Single(Assert.IsType<ReconciliationStep.Change>(Assert.Single(plan.Steps)).Events);

    [Fact]
    public void An_unchanged_configuration_changes_nothing()
    {
        using var plan = Reload(
            [Running("a", enabled: false, secret: "bus", host: "bus"), Running("added")], [Section("a")], [Define("a")]);
        Assert.Empty(plan.Steps);
        Assert.Empty(plan.Notices);
        Assert.Equal(["a", "added"], plan.Order);
    }

    [Fact]
    public void Clients_of_files_that_were_not_read_again_stay_as_they_are()
    {
        var origin = new TableOrigin([Section("a"), Section("removed"), Section("rekeyed"), Section("gone")], []);
        var rekeyed = Running("rekeyed", secret: "bus") with { KeyId = TestStore.Key("bus") };
        var table = new ConfiguredTable([Define("new")], new HashSet<string>()) { Order = ["a", "removed", "new", "rekeyed"] };

        using var plan = Reconciliation.AtReload(
            [Running("a", enabled: false, secret: "bus", host: "bus"), Running("gone"), rekeyed, Running("added")], origin, table, Now,
            Digest);

        Assert.Equal(["a", "new", "rekeyed", "added"], plan.Order);
        Assert.Equal(["rekeyed", "gone"], plan.Steps.OfType<ReconciliationStep.Remove>().Select(step => step.Name));
        var added = plan.Steps.OfType<ReconciliationStep.Add>().ToDictionary(step => step.Name, step => step.State);
        Assert.Equal(["new", "rekeyed"], added.Keys.Order());
        Assert.Equal((TestStore.Key("rekeyed"), "bus"), (added["rekeyed"].KeyId, TestStore.Text(added["rekeyed"].Secret)));
        Assert.Empty(plan.Steps.OfType<ReconciliationStep.Change>());
        Assert.Equal(["a", "removed", "new", "rekeyed"], plan.Origin.Configured.Select(c => c.Name));
        Assert.Contains(
            plan.Notices,
            notice => notice.Client == "removed" && notice.Text.StartsWith("was removed on the bus", StringComparison.Ordinal));
    }

    [Fact]
    public void A_changed_setting_keeps_the_current_values_of_the_others()
    {
        var running = Running("a") with { Settings = TestStore.Settings() with { Checker = "bus" } };
        using var plan = Reload([running], [Section("a")], [Define("a", host: "new")]);
        Assert.Equal(TestStore.Settings("new") with { Checker = "bus" }, Assert.IsType<ClientEvent.Configure>(OnlyEvent(plan)).Settings);
    }

    [Fact]
    public void A_changed_secret_is_replaced()
    {
        using var plan = Reload([Running("a")], [Section("a")], [Define("a", "new")]);
        Assert.Equal("new", TestStore.Text(Assert.IsType<ClientEvent.ReplaceSecret>(OnlyEvent(plan)).Secret));
        Assert.Equal("a/new", plan.Origin.Configured[0].SecretDigest);
    }

    [Fact]
    public void A_secret_that_already_matches_the_configuration_is_not_replaced()
    {
        using var plan = Reload([Running("a", secret: "new")], [Section("a")], [Define("a", "new")]);
        Assert.Empty(plan.Steps);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_client_is_disabled_when_its_section_first_says_so(bool enabled, bool changes)
    {
        using var plan = Reload([Running("a", enabled)], [Section("a")], [Define("a", enabled: false)]);
        Assert.Equal(
            changes ? [new ClientEvent.Disable()] : Array.Empty<ClientEvent>(),
            plan.Steps.SelectMany(s => ((ReconciliationStep.Change)s).Events));
    }

    [Fact]
    public void A_client_disabled_on_the_bus_is_not_enabled_by_an_unchanged_section()
    {
        using var plan = Reload([Running("a", enabled: false)], [Section("a")], [Define("a")]);
        Assert.Empty(plan.Steps);
        using var enabled = Reload([Running("a", enabled: false)], [Section("a") with { Enabled = false }], [Define("a")]);
        Assert.IsType<ClientEvent.Enable>(OnlyEvent(enabled));
    }

    [Fact]
    public void Missing_sections_remove_clients_and_new_sections_add_them()
    {
        using var plan = Reload([Running("a"), Running("b")], [Section("a"), Section("b")], [Define("new"), Define("b")]);
        Assert.Equal("a", Assert.IsType<ReconciliationStep.Remove>(plan.Steps[0]).Name);
        Assert.Equal("new", Assert.IsType<ReconciliationStep.Add>(plan.Steps[1]).Name);
        Assert.Equal(["new", "b"], plan.Order);
    }

    [Fact]
    public void A_changed_key_is_a_new_client_and_no_waiting_request_moves_to_it()
    {
        var running = Running("a", enabled: false, secret: "bus");
        using var plan = Reload([running], [Section("a")], [Define("a", key: "other")]);
        Assert.IsType<ReconciliationStep.Remove>(plan.Steps[0]);
        var added = Assert.IsType<ReconciliationStep.Add>(plan.Steps[1]).State;
        Assert.Equal(
            (TestStore.Key("other"), false, "bus", 0), (added.KeyId, added.Enabled, TestStore.Text(added.Secret), added.Requests.Length));
        // Each of the two has its own hold.
        running.Secret.Dispose();
        Assert.Equal("bus", TestStore.Text(added.Secret));
    }

    [Fact]
    public void A_section_that_becomes_invalid_leaves_its_client_unchanged()
    {
        using var plan = Reload([Running("a"), Running("b")], [Section("a"), Section("b")], [Define("b")], "a");
        Assert.Empty(plan.Steps);
        Assert.Contains(Section("a"), plan.Origin.Configured);
        Assert.Equal(["b", "a"], plan.Order);
    }

    [Fact]
    public void A_dormant_client_returns_unchanged_when_its_section_is_fixed()
    {
        var origin = new TableOrigin([Section("a")], [Running("a", enabled: false, secret: "bus")]);
        var plan = Reconciliation.AtReload([], origin, new([Define("a")], new HashSet<string>()), Now, Digest);
        var added = Assert.IsType<ReconciliationStep.Add>(Assert.Single(plan.Steps)).State;
        Assert.Equal((false, "bus"), (added.Enabled, TestStore.Text(added.Secret)));
        // A plan that is not carried out takes nothing away.
        plan.Dispose();
        Assert.Equal("bus", TestStore.Text(origin.Dormant[0].Secret));
        origin.Dispose();
        Assert.False(added.Secret.TryHold());
    }

    [Fact]
    public void A_client_that_was_removed_on_the_bus_stays_removed()
    {
        using var plan = Reload([], [Section("a")], [Define("a", "new")]);
        Assert.Empty(plan.Steps);
        Assert.Equal("a/new", Assert.Single(plan.Origin.Configured).SecretDigest);
    }
}
