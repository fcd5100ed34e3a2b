using CsCheck;
using Mandos.Client.Unlock;

namespace Mandos.Client.Tests.Unlock;

public sealed class UnlockScheduleTests
{
    private readonly UnlockSchedule _schedule = new();
    private TimeSpan _now;

    [Fact]
    public void The_password_is_fetched_at_once_and_only_once_at_a_time()
    {
        Assert.Equal(UnlockStep.Fetch, Next(null));
        Pass(TimeSpan.FromHours(1));
        Assert.Equal(UnlockStep.Wait, Next(null));
        Assert.Equal(UnlockStep.Wait, Next(new(1, "root")));
    }

    [Fact]
    public void One_fetch_answers_all_disks()
    {
        Fetch(known: false);
        foreach (var (process, disk) in new[] { (10, "root"), (20, "swap"), (30, "data") })
        {
            Assert.Equal(UnlockStep.Answer, Next(new(process, disk)));
            _schedule.Answered(new(process, disk), _now);
            Assert.Equal(UnlockStep.Wait, Next(new(process, disk)));
            Assert.Equal(UnlockStep.Wait, Next(null));
        }
    }

    [Fact]
    public void An_answer_that_could_not_be_delivered_is_tried_again()
    {
        Fetch(known: false);
        Assert.Equal(UnlockStep.Answer, Next(new(10, "root")));
        Assert.Equal(UnlockStep.Answer, Next(new(10, "root")));
    }

    [Fact]
    public void A_refused_password_is_fetched_again_only_after_a_pause()
    {
        Fetch(known: false);
        Answer(new(10, "root"));
        Assert.Equal("root", _schedule.Refusal(new(11, "root", 1), _now));
        Assert.Null(_schedule.Refusal(new(11, "root", 1), _now));
        Assert.Equal(UnlockStep.Wait, Next(new(11, "root", 1)));
        Pass(UnlockSchedule.FirstPause);
        Assert.Equal(UnlockStep.Fetch, Next(new(11, "root", 1)));
    }

    [Fact]
    public void A_new_password_is_tried_at_once_and_the_same_one_only_much_later()
    {
        Fetch(known: false);
        Answer(new(10, "root"));
        Refuse(new(11, "root", 1));
        Pass(UnlockSchedule.FirstPause);
        Fetch(known: true, new(11, "root", 1));
        Assert.Equal(UnlockStep.Wait, Next(new(11, "root", 1)));
        Pass(UnlockSchedule.LongestPause);
        Assert.Equal(UnlockStep.Answer, Next(new(11, "root", 1)));

        var other = new UnlockSchedule();
        Begin(other);
        other.Answered(new(10, "root"), _now);
        Assert.NotNull(other.Refusal(new(11, "root", 1), _now));
        Pass(UnlockSchedule.FirstPause);
        Assert.Equal(UnlockStep.Fetch, other.Next(new(11, "root", 1), _now));
        other.Fetched(known: false, _now);
        Assert.Equal(UnlockStep.Answer, other.Next(new(11, "root", 1), _now));
    }

    /// <summary>A refused password that is given again does not put off the fetch that brings a better one.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 3)]
    [InlineData(true, 20)]
    public void A_password_corrected_on_the_server_hours_later_is_fetched(bool serverAnswersMeanwhile, int secondsOfTrying)
    {
        Fetch(known: false);
        var (process, asks, putRight) = (10, _now, _now + TimeSpan.FromHours(3));
        while (_now < putRight + UnlockSchedule.LongestPause)
        {
            Pass(TimeSpan.FromSeconds(1));
            PasswordQuestion? question = _now >= asks ? new(process, "root") : null;
            _ = _schedule.Refusal(question, _now);
            switch (Next(question))
            {
                case UnlockStep.Answer:
                    _schedule.Answered(question!.Value, _now);
                    process++;
                    asks = _now + TimeSpan.FromSeconds(secondsOfTrying);
                    break;
                case UnlockStep.Fetch when _now >= putRight:
                    return;
                case UnlockStep.Fetch when serverAnswersMeanwhile:
                    _schedule.Fetched(known: true, _now);
                    break;
                case UnlockStep.Fetch:
                    _schedule.FetchFailed(_now);
                    break;
            }
        }

        Assert.Fail("it is not fetched any more");
    }

    [Fact]
    public void The_last_try_for_a_disk_is_left_to_the_user()
    {
        Fetch(known: false);
        Answer(new(10, "root", 1));
        Refuse(new(11, "root", 2));
        Pass(TimeSpan.FromHours(1));
        Assert.NotEqual(UnlockStep.Answer, Next(new(11, "root", 2)));
        Assert.NotEqual(UnlockStep.Answer, Next(new(11, "root", 0, 1)));
        Assert.Equal(UnlockStep.Answer, Next(new(11, "root", 5, 0)));
    }

    [Fact]
    public void A_disk_unlocked_by_hand_does_not_count_as_a_refused_password()
    {
        Fetch(known: false);
        Assert.Null(_schedule.Refusal(new(10, "root"), _now));
        Assert.Null(_schedule.Refusal(null, _now));
        Answer(new(20, "swap"));
        Assert.Null(_schedule.Refusal(new(30, "data"), _now));
        Assert.Equal(UnlockStep.Answer, Next(new(30, "data")));
    }

    [Fact]
    public void Pauses_between_failed_fetches_grow_up_to_a_limit()
    {
        Assert.Equal(UnlockStep.Fetch, Next(null));
        var pauses = new List<TimeSpan>();
        for (var i = 0; i < 10; i++)
        {
            _schedule.FetchFailed(_now);
            var began = _now;
            while (Next(null) == UnlockStep.Wait)
                Pass(TimeSpan.FromSeconds(1));
            pauses.Add(_now - began);
        }

        Assert.Equal(UnlockSchedule.FirstPause, pauses[0]);
        Assert.Equal(UnlockSchedule.LongestPause, pauses[^1]);
        Assert.All(pauses.Zip(pauses.Skip(1)), pair => Assert.InRange(pair.Second, pair.First, pair.First * 2));
    }

    /// <summary>Disks, a server and a day without typing: whatever the passwords are, nothing loops hard.</summary>
    [Fact]
    public void Whatever_the_server_sends_nothing_loops_and_typing_stays_possible() =>
        Gen.Select(
            Gen.Int[0, 2].Array[1, 4], Gen.Int[-1, 2].Array[1, 6], Gen.Int[0, 4])
        .Sample((opens, served, tries) =>
        {
            var schedule = new UnlockSchedule();
            var (process, disk, tried, current, fetches, now) = (1, 0, 0, -1, 0, TimeSpan.Zero);
            var answers = new List<(int Disk, int Fetch, int Secret, TimeSpan At, bool LastTry)>();
            for (; now < TimeSpan.FromHours(24); now += TimeSpan.FromSeconds(1))
            {
                PasswordQuestion? question = disk < opens.Length ? new(process, $"disk{disk}", tried, tries) : null;
                _ = schedule.Refusal(question, now);
                switch (schedule.Next(question, now))
                {
                    case UnlockStep.Fetch:
                        var secret = served[Math.Min(fetches++, served.Length - 1)];
                        if (secret < 0)
                            schedule.FetchFailed(now);
                        else
                            schedule.Fetched(secret == current, now);
                        current = secret < 0 ? current : secret;
                        break;
                    case UnlockStep.Answer:
                        answers.Add((disk, fetches, current, now, question!.Value.IsLastTry));
                        schedule.Answered(question.Value, now);
                        process++;
                        (disk, tried) = current == opens[disk] ? (disk + 1, 0) : (disk, tries > 0 && tried + 1 >= tries ? 0 : tried + 1);
                        break;
                }
            }

            // About one every five minutes, after the pauses have grown.
            Assert.InRange(fetches, 1, 24 * 12 + 10);
            foreach (var given in answers.GroupBy(a => (a.Disk, a.Secret)))
            {
                Assert.All(given.Skip(1), again => Assert.True(!again.LastTry || given.First().Fetch < again.Fetch));
                Assert.All(given.Zip(given.Skip(1)), pair => Assert.True(
                    pair.Second.At - pair.First.At >= UnlockSchedule.SamePasswordAgain
                    || answers.Any(
                        a => a.Disk == pair.First.Disk && a.Secret != pair.First.Secret && a.At > pair.First.At && a.At <= pair.Second.At)
                    || pair.Second.Fetch > pair.First.Fetch));
            }

            // A server that has the right password from some moment on opens the disk.
            if (opens.All(secret => secret == served[^1]) && tries == 0)
                Assert.Equal(opens.Length, disk);
        }, iter: 200);

    private UnlockStep Next(PasswordQuestion? question) => _schedule.Next(question, _now);

    private void Pass(TimeSpan time) => _now += time;

    private void Begin(UnlockSchedule schedule)
    {
        Assert.Equal(UnlockStep.Fetch, schedule.Next(null, _now));
        schedule.Fetched(known: false, _now);
    }

    private void Fetch(bool known, PasswordQuestion? question = null)
    {
        Assert.Equal(UnlockStep.Fetch, Next(question));
        _schedule.Fetched(known, _now);
    }

    private void Answer(PasswordQuestion question)
    {
        Assert.Equal(UnlockStep.Answer, Next(question));
        _schedule.Answered(question, _now);
    }

    private void Refuse(PasswordQuestion question) => Assert.Equal(question.Disk, _schedule.Refusal(question, _now));
}
