using CsCheck;
using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Tests.Store;
using static Mandos.Server.Tests.Restoration.ReconciliationStory;

namespace Mandos.Server.Tests.Restoration;

/// <summary>Which clients there are after a start, in which order, and what becomes of their secrets.</summary>
public sealed class ReconciledTableTests
{
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
}
