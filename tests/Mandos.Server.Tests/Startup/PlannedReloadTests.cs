using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Restoration;
using Mandos.Server.Startup;
using Mandos.Server.Tests.Store;

namespace Mandos.Server.Tests.Startup;

/// <summary>A reload is worked out before its turn, and holds for the clients as they are then.</summary>
public sealed class PlannedReloadTests
{
    private static readonly Moment Start = Moment.Now(TimeProvider.System);

    private static string Digest(string client, ClientSecret secret) => TestStore.Text(secret);

    private static ConfiguredClient Section(string name) => new(name, TestStore.Key(name), "", TestStore.Settings(), Enabled: true, "old");

    private static ClientState Running(string name) => new()
    {
        Name = name,
        KeyId = TestStore.Key(name),
        Settings = TestStore.Settings(),
        Secret = TestStore.Secret("old"),
        Enabled = true,
        Expires = Start + TimeSpan.FromMinutes(1),
    };

    private static ClientDefinition Define(string name, string secret, string? key = null) =>
        new(name, TestStore.Key(key ?? name), "", TestStore.Settings("new host"), Enabled: true, TestStore.Secret(secret));

    private static PlannedReload Of(params ClientDefinition[] definitions) =>
        new(new(definitions, new HashSet<string>()), new TableOrigin([Section("a"), Section("b")], []), Digest);

    [Fact]
    public void Changed_check_times_of_clients_do_not_invalidate_the_plan()
    {
        ClientState[] running = [Running("a"), Running("b")];
        using var planned = Of(Define("a", "old"), Define("b", "new"));
        planned.Plan(running);
        var plan = planned.Current;

        var replacement = planned.ReplacementFor(
            [running[0] with { LastCheckedOk = Start.Wall, Expires = Start + TimeSpan.FromMinutes(5) }, running[1]]);

        Assert.Same(plan, planned.Current);
        var kept = replacement.Clients.Cast<ClientReplacement.Keep>().ToList();
        Assert.Equal(("new host", null, "new host"), (kept[0].Settings!.Host, kept[0].Secret, kept[1].Settings!.Host));
        Assert.Equal("new", TestStore.Text(kept[1].Secret!));
        plan.Dispose();
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData("configured")]
    [InlineData("removed")]
    [InlineData("another secret")]
    public void Changes_made_while_a_reload_is_planned_are_kept(string change)
    {
        ClientState[] running = [Running("a"), Running("b")];
        using var planned = Of(Define("a", "new"), Define("b", "old"));
        planned.Plan(running);
        ClientState[] later = change switch
        {
            "disabled" => [running[0], running[1] with { Enabled = false, Expires = null }],
            "configured" => [running[0], running[1] with { Settings = running[1].Settings with { Checker = "bus" } }],
            "removed" => [running[0]],
            _ => [running[0], running[1] with { Secret = TestStore.Secret("bus") }],
        };

        var replacement = planned.ReplacementFor(later);

        var names = replacement.Clients.Select(c => Assert.IsType<ClientReplacement.Keep>(c)).ToDictionary(c => c.Name);
        Assert.Equal(change == "removed" ? ["a"] : ["a", "b"], names.Keys);
        // The secret is still there, though it was planned with twice.
        Assert.Equal("new", TestStore.Text(names["a"].Secret!));
        if (change == "configured")
            Assert.Equal(("bus", "new host"), (names["b"].Settings!.Checker, names["b"].Settings!.Host));
        planned.Current.Dispose();
    }

    [Fact]
    public void A_client_with_a_new_key_is_replaced_with_its_latest_state()
    {
        ClientState[] running = [Running("a"), Running("b")];
        using var planned = Of(Define("a", "new", key: "other"), Define("b", "old"));
        planned.Plan(running);

        var replacement = planned.ReplacementFor([running[0] with { SecretsGiven = 7 }, running[1]]);

        var added = Assert.IsType<ClientReplacement.Add>(replacement.Clients[0]).Client;
        Assert.Equal((7, TestStore.Key("other"), "new"), (added.SecretsGiven, added.KeyId, TestStore.Text(added.Secret)));
        planned.Current.Dispose();
    }

    [Fact]
    public void A_reload_that_is_abandoned_releases_its_secrets()
    {
        var definition = Define("a", "new");
        using (var planned = Of(definition))
        {
            planned.Plan([Running("a")]);
            planned.Abandon();
        }

        Assert.False(definition.Secret.TryHold());
    }
}
