using Mandos.Core.Durations;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>Who gets the secret, and who waits for whose decision.</summary>
public class ClientApprovalTests
{
    [Fact]
    public void Without_approval_delay_a_secret_is_released_at_once_and_its_delivery_gives_time_to_boot()
    {
        var story = new ClientStory();
        Assert.Equal("release 1", story.Do(new ClientEvent.SecretRequested(1)));
        Assert.Equal("Expires; given 1; SecretsGiven", story.Do(new ClientEvent.RequestEnded(1, Delivered: true)));
        Assert.Equal(TimeSpan.FromMinutes(15), story.Left);
        Assert.Equal("", story.Do(new ClientEvent.RequestEnded(1, Delivered: true)));
        Assert.Equal(1, story.State.SecretsGiven);
    }

    [Fact]
    public void A_rehearsal_counts_as_a_delivery_but_does_not_extend_the_timeout()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal("given 1; SecretsGiven", story.Do(new ClientEvent.RequestEnded(1, Delivered: true, Rehearsal: true)));
        Assert.Equal(TimeSpan.FromMinutes(5), story.Left);
    }

    [Fact]
    public void A_failed_delivery_changes_nothing()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal("", story.Do(new ClientEvent.RequestEnded(1, Delivered: false)));
        Assert.Equal(TimeSpan.FromMinutes(5), story.Left);
    }

    [Fact]
    public void A_delivery_to_a_client_disabled_meanwhile_is_counted_but_does_not_extend_its_timeout()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.SecretRequested(1));
        story.Do(new ClientEvent.Disable());
        Assert.Equal("given 1; SecretsGiven", story.Do(new ClientEvent.RequestEnded(1, Delivered: true)));
        Assert.Null(story.Left);
    }

    [Fact]
    public void A_disabled_client_is_refused()
    {
        var story = new ClientStory(Guarded, enabled: false);
        Assert.Equal("refuse 1: Disabled", story.Do(new ClientEvent.SecretRequested(1)));
        Assert.Empty(story.State.Requests);
    }

    [Fact]
    public void An_empty_secret_is_not_delivered()
    {
        var story = new ClientStory();
        story.Do(new ClientEvent.ReplaceSecret(Secret("")));
        Assert.Equal("refuse 1: EmptySecret", story.Do(new ClientEvent.SecretRequested(1)));
    }

    [Fact]
    public void A_secret_that_becomes_empty_while_its_request_waits_is_not_delivered()
    {
        var story = new ClientStory(Guarded);
        story.Do(new ClientEvent.SecretRequested(1));
        story.Do(new ClientEvent.ReplaceSecret(Secret("")));
        Assert.Equal("refuse 1: EmptySecret; ApprovalPending", story.Do(new ClientEvent.Decide(true)));
    }

    [Fact]
    public void A_request_after_the_expiry_is_refused_even_if_the_timer_is_late()
    {
        var story = new ClientStory(Settings with { Checker = "check %(nosuch)s" });
        story.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("Expires; Enabled; LastDisabled; expired; refuse 1: Disabled", story.Do(new ClientEvent.SecretRequested(1)));
    }

    [Fact]
    public void An_approval_releases_the_secret_and_the_request_is_pending_until_it_ends()
    {
        var story = new ClientStory(Guarded);
        story.Time.Advance(Seconds(1));
        Assert.Equal("ApprovalPending; LastApprovalRequest; ask 1: 10 s, then no", story.Do(new ClientEvent.SecretRequested(1)));
        Assert.Equal(story.Now.Wall, story.State.LastApprovalRequest);
        Assert.Equal("release 1", story.Do(new ClientEvent.Decide(true)));
        Assert.Equal("Expires; given 1; SecretsGiven; ApprovalPending", story.Do(new ClientEvent.RequestEnded(1, Delivered: true)));
    }

    [Fact]
    public void A_denial_refuses_the_waiting_request()
    {
        var story = new ClientStory(Guarded);
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal("refuse 1: Denied; ApprovalPending", story.Do(new ClientEvent.Decide(false)));
        Assert.Equal("", story.Do(new ClientEvent.RequestEnded(1, Delivered: false)));
    }

    [Theory]
    [InlineData(true, "release 1")]
    [InlineData(false, "refuse 1: ApprovalTimedOut; ApprovalPending")]
    public void The_default_decides_after_the_delay_and_not_before(bool approved, string effects)
    {
        var story = new ClientStory(Guarded with { ApprovedByDefault = approved });
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal("", story.After(Seconds(9.999)));
        Assert.Equal(effects, story.After(Seconds(0.001)));
    }

    [Fact]
    public void A_request_waits_for_the_delay_set_when_it_arrived_and_gets_the_default_set_when_the_delay_ends()
    {
        var story = new ClientStory(Guarded);
        story.Do(new ClientEvent.SecretRequested(1));
        story.Configure(s => s with { ApprovalDelay = Minutes(1), ApprovedByDefault = true });
        Assert.Equal("release 1", story.After(Seconds(10)));
    }

    [Theory]
    [InlineData(true, "ApprovalPending; release 2")]
    [InlineData(false, "refuse 2: Denied")]
    public void A_decision_also_applies_to_later_requests_for_its_duration(bool approved, string effects)
    {
        var story = new ClientStory(Guarded);
        story.Do(new ClientEvent.Decide(approved));
        story.Time.Advance(Seconds(0.999));
        Assert.Equal(effects, story.Do(new ClientEvent.SecretRequested(2)));
        story.Do(new ClientEvent.RequestEnded(2, Delivered: false));
        story.Time.Advance(Seconds(0.001));
        Assert.Equal("ApprovalPending; LastApprovalRequest; ask 3: 10 s, then no", story.Do(new ClientEvent.SecretRequested(3)));
    }

    [Fact]
    public void A_newer_decision_has_its_own_end()
    {
        var story = new ClientStory(Guarded);
        story.Do(new ClientEvent.Decide(true));
        story.After(Seconds(0.8));
        story.Do(new ClientEvent.Decide(true));
        // The end of the first.
        story.After(Seconds(0.2));
        Assert.Equal("ApprovalPending; release 1", story.Do(new ClientEvent.SecretRequested(1)));
        // A shorter one replaces a longer one too.
        story.Configure(s => s with { ApprovalDuration = new(Seconds(0.1)) });
        story.Do(new ClientEvent.Decide(true));
        story.After(Seconds(0.1));
        Assert.Contains("ask 2", story.Do(new ClientEvent.SecretRequested(2)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_decision_with_a_duration_of_zero_decides_only_waiting_requests()
    {
        var story = new ClientStory(Guarded with { ApprovalDuration = Duration.Zero });
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal("release 1", story.Do(new ClientEvent.Decide(true)));
        Assert.Contains("ask 2", story.Do(new ClientEvent.SecretRequested(2)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_denial_has_no_effect_if_no_approval_is_required()
    {
        var story = new ClientStory();
        Assert.Equal("", story.Do(new ClientEvent.Decide(false)));
        Assert.Equal("release 1", story.Do(new ClientEvent.SecretRequested(1)));
    }

    [Fact]
    public void A_wait_ends_at_once_when_the_client_is_disabled()
    {
        var story = new ClientStory(Guarded with { ApprovedByDefault = true });
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal("Expires; Enabled; LastDisabled; refuse 1: Disabled; ApprovalPending", story.Do(new ClientEvent.Disable()));
        Assert.Equal("", story.After(Seconds(10)));
    }

    [Fact]
    public void A_wait_ends_at_once_when_the_client_expires_even_if_its_default_is_due_too()
    {
        var story = new ClientStory(Guarded with { ApprovedByDefault = true, Timeout = new(Seconds(15)), Interval = Minutes(1) });
        story.Time.Advance(Seconds(5));
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal("Expires; Enabled; LastDisabled; refuse 1: Disabled; ApprovalPending; expired", story.After(Seconds(10)));
    }

    [Fact]
    public void Several_requests_are_decided_together_and_approval_stays_pending_until_the_last_ends()
    {
        var story = new ClientStory(Guarded);
        story.Do(new ClientEvent.SecretRequested(1));
        story.Time.Advance(Seconds(1));
        Assert.Equal("LastApprovalRequest; ask 2: 10 s, then no", story.Do(new ClientEvent.SecretRequested(2)));
        Assert.Equal("refuse 1: ApprovalTimedOut", story.After(Seconds(9)));
        Assert.Equal("release 2", story.Do(new ClientEvent.Decide(true)));
        Assert.Equal("ApprovalPending", story.Do(new ClientEvent.RequestEnded(2, Delivered: false)));
    }

    [Fact]
    public void A_withdrawn_request_is_no_longer_pending()
    {
        var story = new ClientStory(Guarded with { ApprovedByDefault = true });
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal("ApprovalPending", story.Do(new ClientEvent.RequestEnded(1, Delivered: true)));
        Assert.Equal("", story.After(Seconds(10)));
        Assert.Equal(0, story.State.SecretsGiven);
    }
}
