using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>The table after a reload of the configuration.</summary>
public class ClientRegistryReplacementTests
{
    private static readonly ConfiguredClient Section = new("kept", null, "", Settings, true, "digest");

    [Fact]
    public async Task Clients_are_kept_changed_added_and_removed_in_one_save()
    {
        await using var rig = await RegistryRig.StartAsync(
            Definition("kept", Guarded), Definition("changed", Settings), Definition("gone", Settings), Definition("off", Settings));
        var wait = rig.FetchAsync("kept");
        await rig.SettleAsync();
        rig.Seen.Clear();
        var saves = rig.Store.Saves;
        var secret = Secret("other");
        var added = ClientState.FirstSeen(Definition("new", Settings, secret: "new"), Moment.Now(rig.Time));
        var asleep = ClientState.FirstSeen(Definition("asleep", Settings), Moment.Now(rig.Time));
        Assert.Equal(ChangeOutcome.Done, await rig.Registry.ReplaceAllAsync(clients =>
        {
            Assert.Equal(["kept", "changed", "gone", "off"], clients.Select(c => c.Name));
            return new TableReplacement(
            [
                new ClientReplacement.Add(added),
                new ClientReplacement.Keep("changed", clients[1].Settings with { Host = "other" }, secret),
                new ClientReplacement.Keep("kept", clients[0].Settings),
                new ClientReplacement.Keep("off", Enabled: false),
            ], [Section], [asleep]);
        }));
        Assert.Equal(saves + 1, rig.Store.Saves);
        Assert.Equal([Section], rig.Store.Configured);
        Assert.Equal(["new", "changed", "kept", "off"], rig.Registry.Clients.Select(c => c.Name));
        Assert.Equal(
            ["gone: gone: ", "new: new", "new: Expires", "changed: Host", "changed: Secret", "off: Expires; Enabled; LastDisabled"],
            rig.Seen);
        Assert.Null(rig.Store["gone"]);
        Assert.NotNull(rig.Store["asleep"]);
        Assert.Null(rig.Registry.Find("asleep"));
        asleep.Secret.Dispose();
        Assert.Equal("other", await rig.FetchAsync("changed"));
        Assert.False(wait.IsCompleted);
        await rig.Registry.ApplyAsync("kept", new ClientEvent.Decide(true));
        Assert.Equal("secret", await wait);
    }

    [Fact]
    public async Task A_client_with_the_same_name_but_another_key_is_a_different_client()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        var other = ClientState.FirstSeen(
            Definition("a", Settings, secret: "anew") with { KeyId = RegistryRig.Key("b") }, Moment.Now(rig.Time));
        Assert.Equal(
            ChangeOutcome.Done, await rig.Registry.ReplaceAllAsync(_ => new TableReplacement([new ClientReplacement.Add(other)], [], [])));
        Assert.Equal(["a: gone: ", "a: new", "a: Expires"], rig.Seen);
        Assert.Equal("unknown", await rig.FetchAsync("a"));
        Assert.Equal("anew", await rig.FetchAsync("b"));
    }

    [Fact]
    public async Task A_table_that_cannot_be_saved_changes_nothing()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("kept", Settings), Definition("gone", Settings));
        rig.Store.Failure = "the disk is full";
        var secret = Secret("other");
        var added = ClientState.FirstSeen(Definition("new", Settings), Moment.Now(rig.Time));
        var outcome = await rig.Registry.ReplaceAllAsync(_ => new TableReplacement(
            [new ClientReplacement.Keep("kept", Settings with { Host = "other" }, secret), new ClientReplacement.Add(added)], [], []));
        Assert.Equal(new ChangeOutcome(ChangeOutcomeKind.NotSaved, "the disk is full"), outcome);
        Assert.Equal(["kept", "gone"], rig.Registry.Clients.Select(c => c.Name));
        Assert.Equal(Settings, rig["kept"].Settings);
        Assert.Empty(rig.Seen);
        Assert.False(secret.TryHold());
        Assert.False(added.Secret.TryHold());
        Assert.Equal("secret", await rig.FetchAsync("kept"));
        Assert.Equal("secret", await rig.FetchAsync("gone"));
    }

    [Fact]
    public async Task An_exception_of_the_plan_reaches_the_caller()
    {
        await using var rig = await RegistryRig.StartAsync(Definition("a", Settings));
        await Assert.ThrowsAsync<FormatException>(() => rig.Registry.ReplaceAllAsync(_ => throw new FormatException()));
        Assert.Equal("secret", await rig.FetchAsync("a"));
    }
}
