using CsCheck;
using Mandos.Client.Agent;

namespace Mandos.Client.Tests.Agent;

public sealed class QuestionBookTests
{
    private static readonly TimeSpan Linger = TimeSpan.FromMinutes(2);
    private readonly QuestionBook _book = new(Linger);

    [Fact]
    public void A_new_question_starts_a_client_at_once()
    {
        _book.Appeared("ask.1", About("root"), At(0));
        Assert.True(_book.MayFetch(At(0)));
        Assert.Empty(_book.Due(At(0)));
    }

    [Fact]
    public void One_password_answers_all_questions_and_those_that_come_later()
    {
        _book.Appeared("ask.1", About("root"), At(0));
        _book.Appeared("ask.2", About("swap"), At(1));
        _book.Fetched(isNew: true, At(2));
        Assert.Equal(["ask.1", "ask.2"], AnswerAll(At(2)));
        _book.Appeared("ask.3", About("home"), At(60));
        Assert.False(_book.NeedsFetch());
        Assert.Equal(["ask.3"], AnswerAll(At(60)));
    }

    [Fact]
    public void A_question_for_another_agent_is_not_fetched_for_and_keeps_the_agent_running()
    {
        _book.Appeared("ask.1", null, At(0));
        Assert.False(_book.NeedsFetch());
        Assert.False(_book.IsDone(At(1000)));
        _book.Vanished("ask.1");
        Assert.True(_book.IsDone(At(1000)));
    }

    [Fact]
    public void When_the_last_question_is_withdrawn_the_agent_is_done()
    {
        _book.Appeared("ask.1", About("root"), At(0));
        _book.Vanished("ask.1");
        Assert.False(_book.NeedsFetch());
        Assert.True(_book.IsDone(At(0)));
    }

    [Fact]
    public void After_an_answer_the_agent_keeps_running_for_a_while_to_remember_it()
    {
        _book.Appeared("ask.1", About("root"), At(0));
        _book.Fetched(isNew: true, At(1));
        AnswerAll(At(1));
        _book.Vanished("ask.1");
        Assert.False(_book.IsDone(At(120)));
        Assert.Equal(At(121), _book.WakeAt(fetching: false));
        Assert.True(_book.IsDone(At(121)));
    }

    [Fact]
    public void A_question_expires_at_its_deadline()
    {
        _book.Appeared("ask.1", About("root", At(5)), At(0));
        Assert.Equal(At(5), _book.WakeAt(fetching: true));
        _book.Expire(At(4.999));
        Assert.True(_book.NeedsFetch());
        _book.Expire(At(5));
        Assert.False(_book.NeedsFetch());
        _book.Fetched(isNew: true, At(6));
        Assert.Empty(_book.Due(At(6)));
    }

    [Fact]
    public void A_disk_that_asks_again_does_not_get_the_same_password_twice()
    {
        Refuse("root", At(0));
        Assert.Empty(_book.Due(At(3)));
        Assert.False(_book.MayFetch(At(3)));
        Assert.True(_book.MayFetch(At(3) + QuestionBook.FirstRefetchPause));
        _book.Fetched(isNew: false, At(14));
        Assert.Empty(_book.Due(At(14)));
        _book.Fetched(isNew: true, At(60));
        Assert.Equal(["again"], AnswerAll(At(60)));
    }

    [Fact]
    public void A_second_disk_gets_its_answer_after_the_first_has_refused_it()
    {
        Refuse("root", At(0));
        _book.Appeared("ask.2", About("swap"), At(4));
        Assert.Equal(["ask.2"], AnswerAll(At(4)));
    }

    [Fact]
    public void The_pause_before_the_next_fetch_grows_up_to_a_limit()
    {
        Refuse("root", At(0));
        var now = At(3);
        var last = TimeSpan.Zero;
        for (var round = 0; round < 12; round++)
        {
            var due = _book.WakeAt(fetching: false)!.Value;
            Assert.False(_book.MayFetch(due - TimeSpan.FromTicks(1)));
            Assert.True(_book.MayFetch(due));
            Assert.True(due - now >= last && due - now <= QuestionBook.LongestPause);
            (last, now) = (due - now, due);
            _book.Fetched(isNew: false, now);
        }

        Assert.Equal(QuestionBook.LongestPause, last);
    }

    [Fact]
    public void Two_questions_about_one_disk_at_the_same_time_are_both_answered()
    {
        _book.Appeared("ask.1", About("root"), At(0));
        _book.Appeared("ask.2", About("root"), At(0));
        _book.Fetched(isNew: true, At(1));
        Assert.Equal(["ask.1", "ask.2"], AnswerAll(At(1)));
    }

    [Fact]
    public void A_client_that_fails_temporarily_is_restarted_after_growing_pauses()
    {
        _book.Appeared("ask.1", About("root"), At(0));
        _book.FetchFailed(At(0));
        Assert.False(_book.MayFetch(At(0.9)));
        Assert.True(_book.MayFetch(At(1)));
        _book.FetchFailed(At(1));
        Assert.False(_book.MayFetch(At(2.9)));
        Assert.True(_book.MayFetch(At(3)));
    }

    [Fact]
    public void An_answer_that_cannot_be_sent_yet_is_retried_each_second()
    {
        _book.Appeared("ask.1", About("root"), At(0));
        _book.Fetched(isNew: true, At(1));
        QuestionBook.Delayed(Assert.Single(_book.Due(At(1))), At(1));
        Assert.Empty(_book.Due(At(1.9)));
        Assert.Equal(At(2), _book.WakeAt(fetching: false));
        Assert.Single(_book.Due(At(2)));
    }

    [Fact]
    public void A_file_reported_twice_is_one_question()
    {
        _book.Appeared("ask.1", About("root"), At(0));
        _book.Fetched(isNew: true, At(1));
        AnswerAll(At(1));
        _book.Appeared("ask.1", About("root"), At(2));
        Assert.Empty(_book.Due(At(2)));
        Assert.False(_book.NeedsFetch());
    }

    /// <summary>
    /// Disks of which some accept the password ask in random order, again and again; people type in between. Every disk is
    /// given each password once, and a question that accepts it is answered as soon as there is one.
    /// </summary>
    [Fact]
    public void No_disk_gets_the_same_password_twice_and_none_is_forgotten() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[1, 30]).Array[1, 60].Sample(steps =>
        {
            var book = new QuestionBook(Linger);
            var now = TimeSpan.Zero;
            var password = 0;
            var given = new HashSet<(string, int)>();
            var serial = 0;
            foreach (var (what, disk, seconds) in steps)
            {
                now += TimeSpan.FromSeconds(seconds);
                switch (what)
                {
                    case 0 or 1:
                        book.Appeared($"ask.{disk}.{serial++}", About($"disk{disk}"), now);
                        break;
                    case 2 when book.Questions.Count > 0:
                        book.Vanished(book.Questions[0].Name);
                        break;
                    case 3 when book.MayFetch(now):
                        book.Fetched(isNew: true, now);
                        password++;
                        break;
                    case 4 when book.MayFetch(now):
                        book.Fetched(isNew: password == 0, now);
                        password = Math.Max(password, 1);
                        break;
                    case 5 when book.MayFetch(now):
                        book.FetchFailed(now);
                        break;
                }

                book.Expire(now);
                var due = book.Due(now);
                // At the same moment several may ask about one disk.
                Assert.All(due.Select(q => q.Ask!.Subject).Distinct(), subject => Assert.True(given.Add((subject, password))));
                foreach (var question in due)
                    book.Answered(question, now);
                var waiting = book.Questions.Where(q => q.State == QuestionState.Waiting).ToList();
                Assert.All(waiting, question => Assert.True(password == 0 || given.Contains((question.Ask!.Subject, password))));
                Assert.True(waiting.Count == 0 || book.WakeAt(fetching: false) is { } wake && wake <= now + QuestionBook.LongestPause);
            }
        });

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static AskFile About(string disk, TimeSpan? notAfter = null) =>
        new() { Socket = $"/run/sck.{disk}", ProcessId = 1, NotAfter = notAfter, Id = $"cryptsetup:{disk}" };

    private List<string> AnswerAll(TimeSpan now)
    {
        var names = new List<string>();
        foreach (var question in _book.Due(now))
        {
            _book.Answered(question, now);
            names.Add(question.Name);
        }

        return names;
    }

    /// <summary>A disk is given the password one second later, and asks again two seconds after that.</summary>
    private void Refuse(string disk, TimeSpan now)
    {
        _book.Appeared("first", About(disk), now);
        _book.Fetched(isNew: true, now + At(1));
        AnswerAll(now + At(1));
        _book.Vanished("first");
        _book.Appeared("again", About(disk), now + At(3));
    }
}
