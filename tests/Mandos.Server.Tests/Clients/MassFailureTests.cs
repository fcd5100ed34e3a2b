using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>Most clients fail at the same time (mass_failure).</summary>
public sealed class MassFailureTests
{
    private static readonly MassFailure Cause = new(4, 5);

    [Theory]
    [InlineData(80, 4, 5, true)]
    [InlineData(80, 3, 5, false)]
    [InlineData(80, 2, 2, true)]
    [InlineData(100, 4, 5, false)]
    [InlineData(100, 5, 5, true)]
    [InlineData(1, 1, 5, true)]
    [InlineData(1, 0, 5, false)]
    // One client says nothing about the others.
    [InlineData(1, 1, 1, false)]
    [InlineData(1, 0, 0, false)]
    public void The_share_of_clients_that_fail_decides(int percent, int failing, int all, bool expected)
    {
        var clients = Enumerable.Range(0, all).Select(i => Checked(i < failing ? 1 : 0).State);

        Assert.Equal(expected ? new(failing, all) : null, MassFailure.Find(clients, percent, new ClientStory().Now));
    }

    [Fact]
    public void Clients_that_are_disabled_or_in_maintenance_or_not_checked_yet_do_not_count()
    {
        var disabled = Checked(1);
        disabled.Do(new ClientEvent.Disable());
        var maintained = Checked(1);
        maintained.Do(new ClientEvent.Maintain(TimeSpan.FromHours(1)));
        var unchecked_ = new ClientStory();

        ClientState[] others = [disabled.State, maintained.State, unchecked_.State];
        Assert.Null(MassFailure.Find([.. others, Checked(1).State], 1, unchecked_.Now));
        Assert.Equal(new(1, 2), MassFailure.Find([.. others, Checked(1).State, Checked(0).State], 50, unchecked_.Now));
    }

    [Fact]
    public void A_check_that_hangs_counts_once_half_of_the_timeout_has_passed()
    {
        var story = Checked(0);
        // The next check begins after two minutes, and does not end.
        story.After(TimeSpan.FromMinutes(2));
        Assert.NotNull(story.State.Checker);
        Assert.Null(MassFailure.Find([story.State, story.State], 100, story.Now));
        story.After(TimeSpan.FromSeconds(31));
        Assert.Equal(new(2, 2), MassFailure.Find([story.State, story.State], 100, story.Now));
    }

    [Fact]
    public void A_client_stays_enabled_for_one_more_timeout_and_no_longer()
    {
        var story = Checked(1);
        Assert.StartsWith("Expires; held: 4 of 5 fail", Pass(story, story.Left!.Value), StringComparison.Ordinal);
        Assert.Equal(Settings.Timeout.Value, story.Left);
        Assert.True(story.State.IsExpiryHeld);

        Assert.EndsWith("expired", Pass(story, story.Left!.Value), StringComparison.Ordinal);
        Assert.False(story.State.Enabled || story.State.IsExpiryHeld);
    }

    [Fact]
    public void A_client_that_answered_in_between_is_held_again()
    {
        var story = Checked(1);
        Pass(story, story.Left!.Value);
        story.Do(new ClientEvent.CheckedOk());
        Assert.False(story.State.IsExpiryHeld);
        Assert.Contains("held: 4 of 5 fail", Pass(story, story.Left!.Value), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_whose_second_timeout_has_passed_too_is_disabled()
    {
        var story = Checked(1);
        Assert.EndsWith("expired", Pass(story, story.Left!.Value + Settings.Timeout.Value), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_needs_approval_or_never_answered_is_disabled()
    {
        var guarded = Checked(1, Guarded);
        Assert.EndsWith("expired", Pass(guarded, guarded.Left!.Value), StringComparison.Ordinal);
        var silent = new ClientStory();
        Assert.EndsWith("expired", Pass(silent, silent.Left!.Value), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clients_of_a_server_without_network_stay_enabled_and_a_single_one_that_fails_does_not()
    {
        string[] names = ["a", "b", "c"];
        await using var rig = new RegistryRig(
            new TwoClocks(), new MemoryStore(), [.. names.Select(name => Definition(name, Settings))], null, massFailure: 100);
        await rig.SettleAsync();
        await TellAsync(rig, names, new ClientEvent.CheckedOk());
        await TellAsync(rig, names, new ClientEvent.StartChecker());
        await EndChecksAsync(rig, ["a"], 1);
        await EndChecksAsync(rig, ["b", "c"], 0);
        // Before b and c are checked again.
        rig.Time.Advance(TimeSpan.FromMinutes(4));
        await TellAsync(rig, ["b", "c"], new ClientEvent.CheckedOk());
        await rig.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.False(rig["a"].Enabled);

        await EndChecksAsync(rig, ["b", "c"], 1);
        await rig.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.True(rig["b"] is { Enabled: true, IsExpiryHeld: true } && rig["c"] is { Enabled: true, IsExpiryHeld: true });
        Assert.Contains("client [b]: no check succeeded in time, but 2 of 2 clients fail", rig.Log, StringComparison.Ordinal);
        Assert.Equal("secret", await rig.FetchAsync("b"));

        await rig.AdvanceAsync(TimeSpan.FromMinutes(30));
        Assert.False(rig["b"].Enabled || rig["c"].Enabled);
    }

    private static async Task TellAsync(RegistryRig rig, string[] clients, ClientEvent happening)
    {
        foreach (var client in clients)
            Assert.Equal(ChangeOutcome.Done, await rig.Registry.ApplyAsync(client, happening));
    }

    private static Task EndChecksAsync(RegistryRig rig, string[] clients, int code) =>
        Task.WhenAll(clients.Select(client =>
            TellAsync(rig, [client], new ClientEvent.CheckerEnded(rig[client].Checker!.Id, ChildExit.Exited(code)))));

    /// <summary>A client that answered once, and whose last check ended so.</summary>
    private static ClientStory Checked(int code, ClientSettings? settings = null)
    {
        var story = new ClientStory(settings);
        story.Do(new ClientEvent.CheckedOk());
        story.Do(new ClientEvent.StartChecker());
        story.EndCheck(code);
        return story;
    }

    /// <summary>Lets time pass while most clients fail.</summary>
    private static string Pass(ClientStory story, TimeSpan span)
    {
        story.Time.Advance(span);
        return story.Do(new ClientEvent.TimePassed(), Cause);
    }
}
