using Mandos.Core.Durations;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>Enabled and not, and the checks that keep a client enabled.</summary>
public class ClientLifeTests
{
    [Fact]
    public void A_started_client_expires_after_its_timeout_and_is_first_checked_after_the_random_delay()
    {
        var story = new ClientStory(isStarted: false);
        Assert.Equal("Expires", story.Do(new ClientEvent.Started(Seconds(70))));
        Assert.Equal(TimeSpan.FromMinutes(5), story.Left);
        Assert.Equal("", story.After(Seconds(69.9)));
        Assert.Equal("CheckerRunning; start 'check host.example'", story.After(Seconds(0.1)));
    }

    [Fact]
    public void A_start_does_not_change_a_disabled_client()
    {
        var story = new ClientStory(enabled: false, isStarted: false);
        Assert.Equal("", story.Do(new ClientEvent.Started(Seconds(70))));
        Assert.Null(story.State.NextDue);
    }

    [Theory]
    [InlineData(true, 0, true)]
    [InlineData(true, 1, false)]
    [InlineData(true, ClientState.CheckKilled, false)]
    [InlineData(false, ClientState.NoCheckYet, false)]
    public void A_client_that_expired_while_no_server_ran_stays_enabled_if_its_last_check_succeeded(
        bool everChecked, int status, bool goesOn)
    {
        var story = new ClientStory(isStarted: false);
        var stored =
            story.State with { Expires = story.Now, LastCheckedOk = everChecked ? story.Now.Wall : null, LastCheckerStatus = status };
        var after = ClientMachine.Apply(stored, new ClientEvent.Started(Seconds(1)), story.Now, 1, Expand);
        Assert.Equal(goesOn ? "Expires" : "Expires; Enabled; LastDisabled; expired", Tell(after.Effects));
        Assert.Equal(goesOn, after.After!.Enabled);
    }

    [Fact]
    public void A_start_keeps_a_longer_remaining_time()
    {
        var story = new ClientStory(isStarted: false);
        var booting = story.State with { Expires = story.Now + TimeSpan.FromMinutes(12) };
        var after = ClientMachine.Apply(booting, new ClientEvent.Started(Seconds(1)), story.Now, 1, Expand);
        Assert.Equal(booting.Expires, after.After!.Expires);
    }

    [Fact]
    public void Enabling_starts_a_new_timeout_and_a_check_at_once()
    {
        var story = new ClientStory(enabled: false);
        story.Time.Advance(Seconds(1));
        Assert.Equal("Enabled; LastEnabled; Expires; CheckerRunning; start 'check host.example'", story.Do(new ClientEvent.Enable()));
        Assert.Equal(TimeSpan.FromMinutes(5), story.Left);
        Assert.Equal(story.Now.Wall, story.State.LastEnabled);
        Assert.Equal("", story.Do(new ClientEvent.Enable()));
    }

    [Fact]
    public void Disabling_clears_the_expiry_and_stops_the_check()
    {
        var story = new ClientStory();
        story.After(Seconds(30));
        Assert.Equal("Expires; stop; CheckerRunning; Enabled; LastDisabled", story.Do(new ClientEvent.Disable()));
        Assert.Null(story.State.NextDue);
        Assert.Equal("", story.Do(new ClientEvent.Disable()));
    }

    [Fact]
    public void A_client_without_a_successful_check_is_disabled_at_its_timeout_and_not_before()
    {
        var story = new ClientStory();
        story.After(Seconds(30));
        story.EndCheck(1);
        // Rounds at 30, 150 and 270 seconds, none of which succeeds.
        story.After(Seconds(120));
        story.EndCheck(1);
        story.After(Seconds(120));
        Assert.Equal("", story.After(Seconds(29.999)));
        Assert.Equal("Expires; stop; CheckerRunning; Enabled; LastDisabled; expired", story.After(Seconds(0.001)));
    }

    [Theory]
    [InlineData(0, "CheckerRunning; LastCheckerStatus; LastCheckedOK; Expires; completed: exit status 0", 0)]
    [InlineData(3, "CheckerRunning; LastCheckerStatus; completed: exit status 3", 3)]
    public void A_finished_check_reports_which_properties_changed(int code, string effects, int status)
    {
        var story = new ClientStory();
        story.After(Seconds(30));
        story.Time.Advance(Seconds(2));
        Assert.Equal(effects, story.EndCheck(code));
        Assert.Equal(status, story.State.LastCheckerStatus);
        Assert.Equal(code == 0 ? TimeSpan.FromMinutes(5) : Seconds(268), story.Left);
        Assert.Equal(code == 0 ? story.Now.Wall : null, story.State.LastCheckedOk);
    }

    [Fact]
    public void An_unchanged_checker_status_is_not_signalled_again()
    {
        var story = new ClientStory();
        story.After(Seconds(30));
        story.EndCheck(0);
        story.After(Seconds(120));
        story.Time.Advance(Seconds(1));
        Assert.Equal("CheckerRunning; LastCheckedOK; Expires; completed: exit status 0", story.EndCheck(0));
    }

    [Fact]
    public void A_check_that_was_killed_or_could_not_be_started_is_not_a_success()
    {
        var story = new ClientStory();
        story.After(Seconds(30));
        Assert.Equal(
            "CheckerRunning; LastCheckerStatus; completed: killed by signal 9",
            story.Do(new ClientEvent.CheckerEnded(story.State.Checker!.Id, ChildExit.Killed(9))));
        Assert.Equal(ClientState.CheckKilled, story.State.LastCheckerStatus);
        story.After(Seconds(120));
        Assert.Equal("CheckerRunning; completed: not started", story.Do(new ClientEvent.CheckerEnded(story.State.Checker!.Id, null)));
        Assert.Equal(Seconds(150), story.Left);
    }

    [Fact]
    public void An_operator_can_declare_a_client_alive_and_a_disabled_one_stays_disabled()
    {
        var story = new ClientStory();
        story.Time.Advance(Seconds(20));
        Assert.Equal("LastCheckedOK; LastCheckerStatus; Expires", story.Do(new ClientEvent.CheckedOk()));
        story.Do(new ClientEvent.Disable());
        story.Time.Advance(Seconds(20));
        Assert.Equal("LastCheckedOK", story.Do(new ClientEvent.CheckedOk()));
        Assert.False(story.State.Enabled);
        Assert.Null(story.State.Expires);
    }

    /// <summary>A machine answers once in its initramfs, then looks through its disks for longer than its timeout.</summary>
    [Fact]
    public void A_successful_check_does_not_shorten_the_time_to_boot()
    {
        var story = new ClientStory();
        story.After(Seconds(30));
        story.Do(new ClientEvent.SecretRequested(1));
        story.Do(new ClientEvent.RequestEnded(1, Delivered: true));
        Assert.Equal(TimeSpan.FromMinutes(15), story.Left);
        story.Time.Advance(Seconds(5));
        Assert.Equal("CheckerRunning; LastCheckerStatus; LastCheckedOK; completed: exit status 0", story.EndCheck(0));
        Assert.Equal(TimeSpan.FromMinutes(15) - Seconds(5), story.Left);
        Assert.DoesNotContain("Expires", story.Do(new ClientEvent.CheckedOk()), StringComparison.Ordinal);
        story.Configure(s => s with { Checker = "check %(nosuch)s" });
        story.After(TimeSpan.FromMinutes(12));
        Assert.True(story.State.Enabled);
        // The whole timeout counts again when less than it is left.
        Assert.Contains("Expires", story.Do(new ClientEvent.CheckedOk()), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(5), story.Left);
    }

    [Fact]
    public void A_check_is_skipped_while_the_previous_one_still_runs()
    {
        var story = new ClientStory();
        story.After(Seconds(30));
        Assert.Equal("", story.After(Seconds(120)));
        story.EndCheck(0);
        Assert.Equal("", story.After(Seconds(119)));
        Assert.StartsWith("CheckerRunning; start", story.After(Seconds(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_exit_of_a_checker_that_was_stopped_is_ignored()
    {
        var story = new ClientStory();
        story.After(Seconds(30));
        var run = story.State.Checker!;
        Assert.Equal("stop; CheckerRunning", story.Do(new ClientEvent.StopChecker()));
        Assert.Equal("", story.Do(new ClientEvent.CheckerEnded(run.Id, ChildExit.Exited(0))));
        Assert.Null(story.State.LastCheckedOk);
        Assert.Equal("", story.Do(new ClientEvent.StopChecker()));
    }

    [Fact]
    public void A_check_can_be_started_by_hand_even_for_a_disabled_client_but_not_twice()
    {
        var story = new ClientStory(enabled: false);
        Assert.Equal("CheckerRunning; start 'check host.example'", story.Do(new ClientEvent.StartChecker()));
        Assert.Equal("", story.Do(new ClientEvent.StartChecker()));
        Assert.Equal("CheckerRunning; LastCheckerStatus; LastCheckedOK; completed: exit status 0", story.EndCheck(0));
        Assert.False(story.State.Enabled);
    }

    [Fact]
    public void A_command_that_cannot_be_expanded_is_a_failed_check_and_is_retried_in_the_next_round()
    {
        var story = new ClientStory(Settings with { Checker = "check %(nosuch)s" });
        Assert.Equal("LastCheckerStatus; completed: there is no 'nosuch'", story.After(Seconds(30)));
        Assert.Equal("completed: there is no 'nosuch'", story.After(Seconds(120)));
        story.Configure(s => s with { Checker = "true" });
        Assert.Equal("CheckerRunning; start 'true'", story.After(Seconds(120)));
    }

    [Fact]
    public void An_event_after_the_expiry_finds_the_client_expired_even_if_the_timer_is_late()
    {
        var story = new ClientStory();
        story.After(Seconds(30));
        story.Time.Advance(Seconds(270));
        Assert.Equal("Expires; stop; CheckerRunning; Enabled; LastDisabled; expired", story.EndCheck(0));
    }

    [Fact]
    public void An_imported_interval_of_zero_does_not_loop()
    {
        var story = new ClientStory(Settings with { Interval = Duration.Zero, Checker = "check %(nosuch)s" });
        story.After(TimeSpan.Zero);
        Assert.True(story.State.NextDue > story.Now.Monotonic);
    }

    [Theory]
    [InlineData(-3)]
    [InlineData(3)]
    public void Setting_the_wall_clock_does_not_change_when_a_client_expires(int days)
    {
        var story = new ClientStory(Settings with { Checker = "check %(nosuch)s" });
        story.Time.Jump = TimeSpan.FromDays(days);
        story.After(Seconds(299.999));
        Assert.True(story.State.Enabled);
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Contains(story.State.Requests, r => r.Phase == SecretRequestPhase.Released);
        story.After(Seconds(0.001));
        Assert.False(story.State.Enabled);
    }

    [Fact]
    public void Removal_stops_the_check_and_refuses_waiting_requests_without_signalling_changes()
    {
        var story = new ClientStory(Guarded);
        story.After(Seconds(30));
        story.Do(new ClientEvent.SecretRequested(1));
        Assert.Equal("stop; refuse 1: Removed", story.Do(new ClientEvent.Remove()));
        Assert.True(story.IsGone);
    }
}
