using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>A client that does not answer for a while, as an operator announced.</summary>
public sealed class ClientMaintenanceTests
{
    private static readonly TimeSpan TwoHours = TimeSpan.FromHours(2);

    /// <summary>An interval of two minutes and ten seconds.</summary>
    private static readonly TimeSpan ForACheck = Seconds(130);

    [Fact]
    public void A_client_in_maintenance_is_not_disabled_and_is_checked_on()
    {
        var story = new ClientStory();
        Assert.Equal("Maintenance; Expires", story.Do(new ClientEvent.Maintain(TwoHours)));
        Assert.Equal("CheckerRunning; start 'check host.example'", story.After(TimeSpan.FromMinutes(100)));
        Assert.Equal("CheckerRunning; LastCheckerStatus; completed: exit status 1", story.EndCheck(1));
        Assert.True(story.State.Enabled);
        Assert.Equal("release 1", Released(story.Do(new ClientEvent.SecretRequested(1))));
    }

    [Fact]
    public void After_maintenance_there_is_time_for_one_check()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.Maintain(TwoHours));
        Assert.StartsWith("Maintenance", story.After(TwoHours), StringComparison.Ordinal);
        Assert.Null(story.State.Maintenance);
        Assert.Equal(ForACheck, story.Left);
        story.EndCheck(1);
        Assert.DoesNotContain("expired", story.After(ForACheck - Seconds(0.1)), StringComparison.Ordinal);
        Assert.EndsWith("expired", story.After(Seconds(0.1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_comes_back_during_maintenance_has_its_whole_timeout_again()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.Maintain(TimeSpan.FromMinutes(10)));
        story.After(TimeSpan.FromMinutes(9));
        story.EndCheck(0);
        story.After(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(4), story.Left);
    }

    [Fact]
    public void A_client_that_would_have_been_disabled_later_anyway_is_disabled_then()
    {
        var story = new ClientStory(Settings with { Timeout = new(TimeSpan.FromHours(9)) });
        story.Do(new ClientEvent.Maintain(TwoHours));
        Assert.Equal(TimeSpan.FromHours(9), story.Left);
        story.After(TwoHours);
        Assert.Equal(TimeSpan.FromHours(7), story.Left);
    }

    [Fact]
    public void Another_call_replaces_the_end()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.Maintain(TwoHours));
        story.Do(new ClientEvent.Maintain(TimeSpan.FromMinutes(10)));
        Assert.Equal(TimeSpan.FromMinutes(10) + ForACheck, story.Left);
        story.Do(new ClientEvent.Maintain(TwoHours));
        Assert.Equal(TwoHours + ForACheck, story.Left);
    }

    [Theory]
    [InlineData(1, 4 * 60)]
    [InlineData(4, 130)]
    [InlineData(90, 130)]
    public void Zero_ends_it_and_leaves_the_old_time_or_time_for_a_check(int minutes, int left)
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.Maintain(TwoHours));
        story.After(TimeSpan.FromMinutes(minutes));
        Assert.Equal("Maintenance; Expires", story.Do(new ClientEvent.Maintain(TimeSpan.Zero)));
        Assert.Equal(Seconds(left), story.Left);
        Assert.Equal("", story.Do(new ClientEvent.Maintain(TimeSpan.Zero)));
    }

    [Fact]
    public void It_never_takes_longer_than_the_limit()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.Maintain(TimeSpan.MaxValue));
        Assert.Equal(ClientMachine.LongestMaintenance + ForACheck, story.Left);
    }

    [Fact]
    public void Disabling_ends_it_and_a_disabled_client_cannot_be_in_maintenance()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.Maintain(TwoHours));
        Assert.Equal("Expires; Maintenance; Enabled; LastDisabled", story.Do(new ClientEvent.Disable()));
        Assert.Equal("", story.Do(new ClientEvent.Maintain(TwoHours)));
        story.Do(new ClientEvent.Enable());
        Assert.Null(story.State.Maintenance);
        Assert.Equal(TimeSpan.FromMinutes(5), story.Left);
    }

    [Fact]
    public void A_shorter_timeout_disables_no_client_in_maintenance()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.Maintain(TwoHours));
        story.After(TimeSpan.FromMinutes(4));
        story.Configure(s => s with { Timeout = Minutes(1), Interval = Minutes(4) });
        Assert.True(story.State.Enabled);
        Assert.Equal(TwoHours + Seconds(10), story.Left);
    }

    [Fact]
    public void A_delivery_does_not_shorten_it()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.Maintain(TwoHours));
        story.Do(new ClientEvent.SecretRequested(1));
        story.Do(new ClientEvent.RequestEnded(1, Delivered: true));
        Assert.Equal(TwoHours + ForACheck, story.Left);
        story.Do(new ClientEvent.Maintain(TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromMinutes(15), story.Left);
    }

    [Fact]
    public void A_restart_of_the_server_continues_it()
    {
        var (story, end) = Restarted(TimeSpan.FromHours(1));
        Assert.Equal("Expires", story.Do(new ClientEvent.Started(Seconds(30))));
        Assert.Equal(end, story.State.Maintenance);
        Assert.Equal(TimeSpan.FromHours(1) + ForACheck, story.Left);
        story.Do(new ClientEvent.Maintain(TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromMinutes(5), story.Left);
    }

    [Fact]
    public void After_a_restart_behind_its_end_a_client_has_its_timeout()
    {
        var (story, _) = Restarted(TimeSpan.Zero);
        Assert.Equal("Maintenance; Expires", story.Do(new ClientEvent.Started(Seconds(30))));
        Assert.Equal(TimeSpan.FromMinutes(5), story.Left);
    }

    [Fact]
    public void A_server_that_did_not_run_at_its_end_makes_up_for_the_check()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.Maintain(TwoHours));
        story.After(TimeSpan.FromMinutes(119));
        story.EndCheck(1);
        story.Time.Advance(TimeSpan.FromHours(1));
        Assert.StartsWith("Expires; ", story.Do(new ClientEvent.StoodStill(TimeSpan.FromHours(1), Seconds(2))), StringComparison.Ordinal);
        Assert.True(story.State.Enabled);
        Assert.Equal(ForACheck, story.Left);
        Assert.EndsWith("expired", story.After(ForACheck), StringComparison.Ordinal);
    }

    /// <summary>What a start finds of a client whose check failed, in maintenance for so long from now on, and already expired.</summary>
    private static (ClientStory Story, Moment End) Restarted(TimeSpan left)
    {
        var story = new ClientStory(isStarted: false);
        var end = story.Now + left;
        story.Become(story.State with { LastCheckerStatus = 1, Maintenance = end, Expires = story.Now });
        return (story, end);
    }

    private static string Released(string told) => told.Split("; ").Single(part => part.StartsWith("release", StringComparison.Ordinal));
}
