using System.Net;
using CsCheck;
using Mandos.Client.Retrieval;

namespace Mandos.Client.Tests.Retrieval;

public sealed class AttemptScheduleTests
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);
    private readonly AttemptSchedule _schedule = new(Retry);

    [Fact]
    public void A_new_server_is_tried_at_once()
    {
        _schedule.Add(Server(1), named: false, Ms(5));
        Assert.Equal([Server(1)], Started(5));
    }

    [Fact]
    public void The_next_attempt_starts_250_ms_after_the_last_one_without_an_answer()
    {
        _schedule.Add(Server(1), named: false, Ms(0));
        _schedule.Add(Server(2), named: false, Ms(0));
        Assert.Equal([Server(1)], Started(0));
        Assert.Equal(Ms(250), _schedule.WakeAt());
        Assert.Empty(Started(249));
        Assert.Equal([Server(2)], Started(250));
    }

    [Fact]
    public void The_next_attempt_starts_at_once_when_the_last_one_fails()
    {
        _schedule.Add(Server(1), named: false, Ms(0));
        _schedule.Add(Server(2), named: false, Ms(0));
        Started(0);
        _schedule.Failed(Server(1), Ms(3));
        Assert.Equal([Server(2)], Started(3));
    }

    [Fact]
    public void A_server_whose_message_gave_no_password_is_tried_last()
    {
        _schedule.Add(Server(1), named: true, Ms(0));
        Started(0);
        _schedule.Failed(Server(1), Ms(0), spoiled: true);
        for (var i = 2; i <= 4; i++)
            _schedule.Add(Server(i), named: false, Ms(9_900));
        Assert.Equal([Server(2)], Started(10_000));
        Assert.Equal([Server(3)], Started(10_250));
        Assert.Equal([Server(4)], Started(10_500));
        Assert.Equal([Server(1)], Started(10_750));
    }

    [Fact]
    public void A_server_that_failed_is_tried_again_after_the_pause()
    {
        _schedule.Add(Server(1), named: false, Ms(0));
        Started(0);
        _schedule.Failed(Server(1), Ms(40));
        Assert.Equal(Ms(10_040), _schedule.WakeAt());
        Assert.Empty(Started(10_039));
        Assert.Equal([Server(1)], Started(10_040));
    }

    [Fact]
    public void A_server_that_does_not_respond_is_retried_soon_and_then_after_growing_pauses()
    {
        _schedule.Add(Server(1), named: false, Ms(0));
        double now = 0;
        foreach (var pause in new[] { 250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000 })
        {
            Assert.Equal([Server(1)], Started(now));
            _schedule.Failed(Server(1), Ms(now), soon: true);
            now += pause;
            Assert.Equal(Ms(now), _schedule.WakeAt());
            Assert.Empty(Started(now - 1));
        }

        _schedule.Hurry(_ => true, Ms(now - 1));
        Assert.Equal([Server(1)], Started(now));
        _schedule.Failed(Server(1), Ms(now), soon: true);
        Assert.Equal(Ms(now + 250), _schedule.WakeAt());

        Assert.Equal([Server(1)], Started(now += 250));
        _schedule.Failed(Server(1), Ms(now));
        Assert.Equal([Server(1)], Started(now += 10_000));
        _schedule.Failed(Server(1), Ms(now), soon: true);
        Assert.Equal(Ms(now + 250), _schedule.WakeAt());
    }

    [Fact]
    public void Fractional_pauses_are_honoured_and_a_zero_pause_does_not_busy_loop()
    {
        foreach (var (pause, soon, expected) in new[] { (100.0, false, 100.0), (0, false, 50), (100, true, 100), (0, true, 50) })
        {
            var schedule = new AttemptSchedule(TimeSpan.FromMilliseconds(pause));
            schedule.Add(Server(1), named: false, Ms(0));
            schedule.Next(Ms(0));
            schedule.Failed(Server(1), Ms(0), soon);
            Assert.Equal(Ms(expected), schedule.WakeAt());
        }
    }

    [Fact]
    public void Named_servers_come_first()
    {
        _schedule.Add(Server(1), named: false, Ms(0));
        _schedule.Add(Server(2), named: true, Ms(0));
        Assert.Equal([Server(2)], Started(0));
    }

    [Fact]
    public void A_server_found_twice_is_one_server()
    {
        _schedule.Add(Server(1), named: false, Ms(0));
        _schedule.Add(Server(1), named: false, Ms(0));
        Assert.Equal([Server(1)], Started(0));
        Assert.Empty(Started(300));
    }

    [Fact]
    public void A_server_that_was_removed_is_not_tried_again()
    {
        _schedule.Add(Server(1), named: false, Ms(0));
        Started(0);
        _schedule.Remove(Server(1));
        _schedule.Failed(Server(1), Ms(10));
        Assert.Null(_schedule.WakeAt());
    }

    [Fact]
    public void A_server_that_reappears_during_its_attempt_is_kept()
    {
        _schedule.Add(Server(1), named: false, Ms(0));
        Started(0);
        _schedule.Remove(Server(1));
        _schedule.Add(Server(1), named: false, Ms(5));
        _schedule.Failed(Server(1), Ms(10));
        Assert.Equal(Ms(10_010), _schedule.WakeAt());
    }

    [Fact]
    public void A_neighbour_with_a_thousand_services_gets_no_more_attempts_than_one_with_one()
    {
        for (var port = 1; port <= 1000; port++)
            _schedule.Add(Server(1, port), named: false, Ms(0));
        _schedule.Add(Server(2), named: false, Ms(0));
        Assert.Equal([Server(1, 1)], Started(0));
        Assert.Equal([Server(2)], Started(250));
    }

    /// <summary>
    /// The server was still starting, or an operator had not yet approved, when it was tried first. The neighbour's addresses have never
    /// been tried, and each attempt there lasts as long as possible.
    /// </summary>
    [Theory]
    [InlineData(1000)]
    [InlineData(125)]
    public void A_neighbour_with_ever_new_addresses_does_not_prevent_a_second_attempt(int pause)
    {
        var good = Server(1);
        _schedule.Add(good, named: false, Ms(0));
        var attempts = 0;
        for (var now = 0; now <= 120_000; now += pause)
        {
            for (var address = 0; address < 8; address++)
                _schedule.Add(New(now + address), named: false, Ms(now));
            if (now >= 2000)
            {
                for (var address = 0; address < 8; address++)
                    _schedule.Remove(New(now - 2000 + address));
            }

            if (!Started(now).Contains(good))
                continue;
            attempts++;
            _schedule.Failed(good, Ms(now), soon: true);
        }

        // After pauses of 0.25 s, 0.5 s and so on up to 10 s.
        Assert.InRange(attempts, 8, 18);

        static Candidate New(int number) => new(new IPEndPoint(new IPAddress(0x0a_0000 + number), 1), 3);
    }

    [Fact]
    public void At_one_address_the_server_with_the_fewest_attempts_comes_first_then_the_one_found_first()
    {
        _schedule.Add(Server(1, 20), named: false, Ms(0));
        _schedule.Add(Server(1, 10), named: false, Ms(0));
        Assert.Equal([Server(1, 20)], Started(0));
        _schedule.Failed(Server(1, 20), Ms(0));
        Assert.Equal([Server(1, 10)], Started(0));
        _schedule.Failed(Server(1, 10), Ms(0));
        _schedule.Add(Server(1, 30), named: false, Ms(9_900));
        Assert.Equal([Server(1, 30)], Started(10_000));
        Assert.Equal([Server(1, 20)], Started(10_250));
        Assert.Equal([Server(1, 10)], Started(10_500));
    }

    [Fact]
    public void When_the_network_improves_waiting_attempts_start_at_once_and_unconnected_ones_restart()
    {
        _schedule.Add(Server(1), named: true, Ms(0));
        _schedule.Add(Server(2), named: true, Ms(0));
        _schedule.Add(Server(3), named: true, Ms(0));
        Started(0);
        _schedule.Failed(Server(1), Ms(1));
        Started(1);
        Started(251);
        _schedule.Connected(Server(3));
        Assert.Equal([new ScheduleStep(Server(2), Start: false)], _schedule.Hurry(_ => true, Ms(300)));
        Assert.Equal([Server(1)], Started(300));
        Assert.Equal([Server(2)], Started(550));
        Assert.Empty(Started(800));
    }

    [Fact]
    public void When_all_slots_are_taken_the_longest_attempt_is_stopped_after_its_turn()
    {
        for (var host = 0; host < AttemptSchedule.MaximumParallel; host++)
        {
            _schedule.Add(Server(host), named: false, Ms(0));
            Started(host * 250);
        }

        var now = AttemptSchedule.MaximumParallel * 250.0;
        _schedule.Add(Server(200), named: false, Ms(now));
        Assert.True(Ms(now) > AttemptSchedule.Turn);
        Assert.Equal([new ScheduleStep(Server(0), Start: false), new ScheduleStep(Server(200), Start: true)], _schedule.Next(Ms(now)));
    }

    /// <summary>
    /// Any mixture of servers that never answer, answer late and fail, found at any time in any order, with a good one
    /// among them that was found at time t: its attempt begins within 250 ms for each server that was there before it.
    /// </summary>
    [Fact]
    public void A_working_server_is_reached_regardless_of_the_others() => Gen.Select(
        Gen.Select(
            Gen.Int[0, 3000], Gen.OneOf(Gen.Const(int.MaxValue), Gen.Int[0, 4000]), Gen.Int[0, 5],
            (found, fails, host) => (found, fails, host)).List[0, 40],
        Gen.Int[0, 3000]).Sample((others, goodFound) =>
    {
        var schedule = new AttemptSchedule(TimeSpan.FromSeconds(1));
        var good = Server(250);
        var failing = new Dictionary<Candidate, TimeSpan>();
        var servers = others.Select((other, i) => (Candidate: Server(other.host, i + 1), other.found, other.fails)).ToList();
        // A retry of one that failed may take a turn, too; before one that was not tried at all, only every fourth turn.
        var turns = servers.Count + 1;
        var bound = goodFound + 250 * (turns + (turns / 3) + 1);
        for (var now = 0; now <= bound; now++)
        {
            foreach (var (candidate, _) in failing.Where(pair => pair.Value <= Ms(now)).ToList())
            {
                failing.Remove(candidate);
                schedule.Failed(candidate, Ms(now));
            }

            foreach (var server in servers.Where(server => server.found == now))
                schedule.Add(server.Candidate, named: false, Ms(now));
            if (now == goodFound)
                schedule.Add(good, named: false, Ms(now));
            foreach (var step in schedule.Next(Ms(now)).Where(step => step.Start))
            {
                if (step.Candidate == good)
                    return;
                var fails = servers.First(server => server.Candidate == step.Candidate).fails;
                if (fails != int.MaxValue)
                    failing[step.Candidate] = Ms(now + fails);
            }
        }

        Assert.Fail($"the good server was found at {goodFound} and not tried by {bound}");
    }, iter: 300);

    /// <summary>The schedule never starts what runs already, never stops what does not run, and keeps to its limit.</summary>
    [Fact]
    public void The_schedule_stays_consistent_for_any_sequence_of_events() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 99], Gen.Int[0, 2000]).List[0, 300].Sample(events =>
    {
        var schedule = new AttemptSchedule(TimeSpan.FromSeconds(1));
        var running = new HashSet<Candidate>();
        var now = TimeSpan.Zero;
        foreach (var (kind, host, wait) in events)
        {
            now += TimeSpan.FromMilliseconds(wait);
            var candidate = Server(host);
            switch (kind)
            {
                case 0 or 1:
                    schedule.Add(candidate, named: kind == 1, now);
                    break;
                case 2:
                    schedule.Remove(candidate);
                    break;
                case 3 when running.Remove(candidate):
                    schedule.Failed(candidate, now, soon: wait % 2 == 0);
                    break;
                case 4:
                    schedule.Connected(candidate);
                    break;
                case 5:
                    foreach (var stop in schedule.Hurry(_ => true, now))
                        Assert.True(running.Remove(stop.Candidate));
                    break;
            }

            foreach (var step in schedule.Next(now))
                Assert.True(step.Start ? running.Add(step.Candidate) : running.Remove(step.Candidate));
            Assert.InRange(running.Count, 0, AttemptSchedule.MaximumParallel);
        }
    });

    private static Candidate Server(int host, int port = 1) => new(new IPEndPoint(new IPAddress([10, 0, 0, (byte)host]), port), 3);

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private List<Candidate> Started(double now) => [.. _schedule.Next(Ms(now)).Where(step => step.Start).Select(step => step.Candidate)];
}
