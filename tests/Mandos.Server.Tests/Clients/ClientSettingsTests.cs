using Mandos.Core.Durations;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>Settings that change while the server runs.</summary>
public class ClientSettingsTests
{
    [Fact]
    public void Each_setting_is_signalled_only_if_it_changed()
    {
        var story = new ClientStory(enabled: false);
        Assert.Equal("", story.Configure(s => s));
        Assert.Equal("ApprovalDelay; ApprovalDuration; ApprovedByDefault; Checker; ExtendedTimeout; Host; Interval; "
            + "Timeout", story.Configure(_ => new ClientSettings
            {
                ApprovalDelay = Minutes(1),
                ApprovalDuration = Minutes(2),
                ApprovedByDefault = false,
                Checker = "true",
                ExtendedTimeout = Minutes(3),
                Host = "other",
                Interval = Minutes(4),
                Timeout = Minutes(6),
            }));
    }

    [Theory]
    [InlineData(6, "Timeout; Expires", 350)]
    [InlineData(4, "Timeout; Expires", 230)]
    public void A_new_timeout_moves_the_expiry_by_the_difference(int minutes, string effects, int left)
    {
        var story = new ClientStory();
        story.Time.Advance(Seconds(10));
        Assert.Equal(effects, story.Configure(s => s with { Timeout = Minutes(minutes) }));
        Assert.Equal(Seconds(left), story.Left);
    }

    [Fact]
    public void A_new_timeout_that_has_already_passed_disables_the_client()
    {
        var story = new ClientStory(Guarded);
        story.Time.Advance(Seconds(20));
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal(
            "Timeout; Expires; Enabled; LastDisabled; refuse 1: Disabled; ApprovalPending",
            story.Configure(s => s with { Timeout = new(Seconds(20)) }));
    }

    [Fact]
    public void A_new_timeout_of_a_disabled_client_is_only_stored()
    {
        var story = new ClientStory(enabled: false);
        Assert.Equal("Timeout", story.Configure(s => s with { Timeout = Minutes(1) }));
    }

    [Fact]
    public void The_longest_timeouts_can_be_set_and_changed_back()
    {
        var longest = new Duration(TimeSpan.MaxValue);
        var story = new ClientStory(Settings with { Timeout = longest, ExtendedTimeout = longest });
        story.Configure(s => s with { Timeout = Minutes(5) });
        Assert.True(story.Left is null || story.Left <= TimeSpan.FromMinutes(5));
        story = new ClientStory(Settings with { ExtendedTimeout = longest });
        story.Do(new ClientEvent.SecretRequested(1));
        story.Do(new ClientEvent.RequestEnded(1, Delivered: true));
        Assert.Equal("Timeout", story.Configure(s => s with { Timeout = longest }));
        Assert.True(story.State.Enabled);
    }

    [Fact]
    public void A_new_interval_starts_a_check_at_once_and_counts_from_now()
    {
        var story = new ClientStory();
        Assert.Equal("Interval; CheckerRunning; start 'check host.example'", story.Configure(s => s with { Interval = Minutes(1) }));
        story.EndCheck(0);
        Assert.Equal("", story.After(Seconds(59)));
        Assert.Equal("CheckerRunning; start 'check host.example'", story.After(Seconds(1)));
        Assert.Equal("Interval", story.Configure(s => s with { Interval = Minutes(3) }));
    }

    [Fact]
    public void A_new_interval_of_a_disabled_client_starts_no_check()
    {
        var story = new ClientStory(enabled: false);
        Assert.Equal("Interval", story.Configure(s => s with { Interval = Minutes(1) }));
    }

    [Fact]
    public void An_interval_of_zero_keeps_the_old_one()
    {
        var story = new ClientStory();
        Assert.Equal("Host", story.Configure(s => s with { Interval = Duration.Zero, Host = "other" }));
        Assert.Equal(Minutes(2), story.State.Settings.Interval);
    }

    [Fact]
    public void A_new_secret_is_signalled_if_it_differs_and_is_then_delivered()
    {
        var story = new ClientStory();
        Assert.Equal("", story.Do(new ClientEvent.ReplaceSecret(Secret("secret"))));
        var other = Secret("other");
        Assert.Equal("Secret", story.Do(new ClientEvent.ReplaceSecret(other)));
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Same(other, Assert.Single(story.Last.Effects.OfType<ClientEffect.Release>()).Secret);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(5, false)]
    public void Changes_that_only_restrict_access_to_the_secret_are_recognised(int which, bool takes)
    {
        var old = Settings with { ApprovalDelay = Minutes(1) };
        var changed = which switch
        {
            0 => old with { Timeout = Minutes(1), ExtendedTimeout = Minutes(1) },
            1 => old with { ApprovedByDefault = false, ApprovalDelay = Minutes(2) },
            2 => old with { ApprovalDelay = Duration.Zero },
            3 => old with { ApprovalDuration = Duration.Zero },
            4 => old with { Timeout = Minutes(1), ExtendedTimeout = Minutes(16) },
            _ => old with { Checker = "true" },
        };
        Assert.Equal(takes, changed.OnlyTakesFrom(old));
    }
}
