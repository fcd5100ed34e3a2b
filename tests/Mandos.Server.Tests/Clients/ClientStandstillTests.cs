using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>A server that did not run for a while: stopped, frozen, starved.</summary>
public class ClientStandstillTests
{
    private static readonly ClientSettings Short = Settings with { Timeout = new(Seconds(10)), Interval = new(Seconds(3)) };

    /// <summary>Checked at the third second; then nothing runs for so long.</summary>
    private static ClientStory After(int? code, TimeSpan standstill)
    {
        var story = new ClientStory(Short);
        story.After(Seconds(3));
        if (code is { } exit)
            story.EndCheck(exit);
        story.Time.Advance(standstill);
        return story;
    }

    [Fact]
    public void A_client_whose_last_check_succeeded_gets_one_more_check()
    {
        var story = After(0, Seconds(24));
        Assert.Equal("Expires", story.Do(new ClientEvent.StoodStill(Seconds(24), Seconds(2))));
        Assert.Equal(Seconds(13), story.Left);
        Assert.Equal("CheckerRunning; start 'check host.example'", story.After(Seconds(2)));
        story.EndCheck(0);
        Assert.Equal(Seconds(11), story.Left);
        Assert.Equal("", story.After(Seconds(2.9)));
    }

    [Fact]
    public void A_client_is_disabled_when_its_extra_check_does_not_succeed_in_time()
    {
        var story = After(0, Seconds(24));
        story.Do(new ClientEvent.StoodStill(Seconds(24), Seconds(2)));
        story.After(Seconds(2));
        story.EndCheck(1);
        story.After(Seconds(3));
        story.EndCheck(1);
        Assert.DoesNotContain("expired", story.After(Seconds(7.9)), StringComparison.Ordinal);
        Assert.EndsWith("expired", story.After(Seconds(0.1)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public void A_client_whose_last_check_failed_or_that_was_never_checked_is_disabled_at_once(int? code)
    {
        var story = After(code, Seconds(24));
        Assert.EndsWith("expired", story.Do(new ClientEvent.StoodStill(Seconds(24), Seconds(2))), StringComparison.Ordinal);
        Assert.Equal("refuse 1: Disabled", story.Do(new ClientEvent.SecretRequested(1)));
    }

    /// <summary>One that makes the server stand still again and again gets no more life by it than time that did not run.</summary>
    [Fact]
    public void Until_that_check_ends_another_standstill_only_pauses_the_timeout()
    {
        var story = After(0, Seconds(24));
        story.Do(new ClientEvent.StoodStill(Seconds(24), Seconds(0)));
        var left = story.Left!.Value;
        for (var again = 0; story.State.Enabled; again++)
        {
            Assert.True(again < 14, "it lives for ever");
            story.After(Seconds(1));
            left -= Seconds(1);
            story.Time.Advance(Seconds(24));
            story.Do(new ClientEvent.StoodStill(Seconds(24), Seconds(0)));
            Assert.True((story.Left ?? TimeSpan.Zero) <= left + Seconds(0.001), $"{story.Left} after {again}");
        }
    }

    [Fact]
    public void A_standstill_does_not_shorten_a_longer_remaining_time()
    {
        var story = After(0, Seconds(1));
        story.Do(new ClientEvent.SecretRequested(1));
        story.Do(new ClientEvent.RequestEnded(1, Delivered: true));
        var end = story.State.Expires;
        story.Time.Advance(Seconds(24));
        story.Do(new ClientEvent.StoodStill(Seconds(24), Seconds(2)));
        Assert.Equal(end, story.State.Expires);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_standstill_an_operator_has_the_remaining_time_to_decide(bool byDefault)
    {
        var story = new ClientStory(Guarded with { ApprovedByDefault = byDefault });
        story.Do(new ClientEvent.SecretRequested(1));
        story.After(Seconds(4));
        story.Time.Advance(Seconds(24));
        Assert.Equal("", story.Do(new ClientEvent.StoodStill(Seconds(24), Seconds(0))));
        Assert.DoesNotContain(" 1", story.After(Seconds(5.9)), StringComparison.Ordinal);
        Assert.StartsWith(byDefault ? "release 1" : "refuse 1: ApprovalTimedOut", story.After(Seconds(0.1)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(1, false)]
    public void The_duration_of_a_decision_does_not_include_a_standstill(double after, bool approved)
    {
        var story = new ClientStory(Guarded);
        story.Do(new ClientEvent.Decide(true));
        story.Time.Advance(Seconds(24));
        story.Do(new ClientEvent.StoodStill(Seconds(24), Seconds(0)));
        story.Time.Advance(Seconds(after));
        Assert.Equal(approved, story.Do(new ClientEvent.SecretRequested(1)).Contains("release 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_loop_notices_and_logs_that_it_was_not_running()
    {
        var time = new TwoClocks();
        await using var rig = new RegistryRig(
            time, new MemoryStore(), [Definition("well", Short), Definition("ill", Short)], null, heartbeat: Seconds(5));
        await rig.SettleAsync();
        await rig.AdvanceAsync(Seconds(3));
        rig.Checkers.End("well", ChildExit.Exited(0));
        rig.Checkers.End("ill", ChildExit.Exited(1));
        await rig.SettleAsync();
        Assert.DoesNotContain("was not running", rig.Log, StringComparison.Ordinal);
        await rig.AdvanceAsync(Seconds(24));
        Assert.Contains(
            "mandos: warning: the server was not running for 24 s (stopped, frozen or starved)", rig.Log, StringComparison.Ordinal);
        Assert.Equal((true, false), (rig["well"].Enabled, rig["ill"].Enabled));
        Assert.Equal("secret", await rig.FetchAsync("well"));
        Assert.Equal("Disabled", await rig.FetchAsync("ill"));
    }

    [Fact]
    public async Task An_idle_loop_is_not_a_standstill()
    {
        await using var rig = new RegistryRig(
            new TwoClocks(), new MemoryStore(), [Definition("idle", Settings, enabled: false)], null, heartbeat: Seconds(5));
        await rig.SettleAsync();
        for (var n = 0; n < 10; n++)
            await rig.AdvanceAsync(Seconds(5));
        Assert.DoesNotContain("was not running", rig.Log, StringComparison.Ordinal);
    }
}
