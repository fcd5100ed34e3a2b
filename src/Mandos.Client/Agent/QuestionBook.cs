using Mandos.Core.Durations;

namespace Mandos.Client.Agent;

/// <summary>
/// Knows the questions that are open and says what to do about them. Pure: it gets what happened and when
/// (CLOCK_MONOTONIC), and answers; the password itself it does not see.
/// <list type="bullet">
/// <item>One password answers all questions: those that wait when it comes, and those that come later.</item>
/// <item>A question about a disk that was already given this password means that the password was wrong. It is not given
/// again; another fetch is due after a pause that grows, and its password counts only if it is another one. So a person
/// has time to type, and the tries of the asker are not used up.</item>
/// <item>As long as there is a file, the agent has to stay: systemd would start it again at once.</item>
/// </list>
/// </summary>
/// <param name="linger">How long to stay after the last answer, for questions to come and to remember what was tried.</param>
internal sealed class QuestionBook(TimeSpan linger)
{
    /// <summary>Between two attempts to send an answer.</summary>
    internal static readonly TimeSpan ResendPause = TimeSpan.FromSeconds(1);

    /// <summary>The first pause before another password is fetched because the last one was wrong; it doubles.</summary>
    internal static readonly TimeSpan FirstRefetchPause = TimeSpan.FromSeconds(10);

    /// <summary>No pause between two fetches is longer.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly List<Question> _questions = [];

    // The last question about each disk that was there when it was given the present password.
    private readonly List<Question> _tried = [];
    private readonly GrowingPause _refetch = new(FirstRefetchPause, LongestPause);
    private readonly GrowingPause _retry = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private int _arrivals;
    private TimeSpan _fetchAt;
    private TimeSpan? _answeredAt;

    /// <summary>True when a password was fetched.</summary>
    internal bool HasPassword { get; private set; }

    /// <summary>All questions whose files are there, also those that are not answered.</summary>
    internal IReadOnlyList<Question> Questions => _questions;

    /// <summary>A question's file is there, or was written again. Null for one that is not to be answered.</summary>
    internal void Appeared(string name, AskFile? ask, TimeSpan now)
    {
        var known = _questions.FindIndex(question => question.Name == name);
        if (known >= 0 && _questions[known].IsSame(ask))
            return;
        if (known >= 0)
            _questions.RemoveAt(known);
        var question = new Question(name, ask, ++_arrivals);
        _questions.Add(question);
        if (IsRefused(question) && now >= _fetchAt)
            _fetchAt = now + _refetch.Take();
    }

    /// <summary>A question's file is gone.</summary>
    internal void Vanished(string name) => _questions.RemoveAll(question => question.Name == name);

    /// <summary>The client gave a password; true if it is another one than before.</summary>
    internal void Fetched(bool isNew, TimeSpan now)
    {
        HasPassword = true;
        _retry.Reset();
        if (isNew)
            _tried.Clear();
        else
            _fetchAt = now + _refetch.Take();
    }

    /// <summary>The client gave none, and may be started again after a while.</summary>
    internal void FetchFailed(TimeSpan now) => _fetchAt = now + (HasPassword ? _refetch : _retry).Take();

    /// <summary>The client gave none, and never will.</summary>
    internal void FetchImpossible() => _fetchAt = TimeSpan.MaxValue;

    /// <summary>Questions whose time is over are waited for no more.</summary>
    internal void Expire(TimeSpan now)
    {
        foreach (var question in _questions)
        {
            if (question is { State: QuestionState.Waiting, Ask.NotAfter: { } end } && now >= end)
                question.State = QuestionState.Ignored;
        }
    }

    /// <summary>Questions to send the password to now.</summary>
    internal List<Question> Due(TimeSpan now) => _questions.FindAll(question => IsAnswerable(question) && now >= question.SendAt);

    /// <summary>The question has its answer.</summary>
    internal void Answered(Question question, TimeSpan now)
    {
        question.State = QuestionState.Answered;
        question.AnsweredBefore = _arrivals;
        _tried.RemoveAll(other => other.Ask!.Subject == question.Ask!.Subject);
        _tried.Add(question);
        _answeredAt = now;
    }

    /// <summary>The answer could not be sent yet.</summary>
    internal static void Delayed(Question question, TimeSpan now) => question.SendAt = now + ResendPause;

    /// <summary>The question will not be answered.</summary>
    internal static void Abandoned(Question question) => question.State = QuestionState.Ignored;

    /// <summary>True if some question needs a password that is not there yet: a client that runs shall run on.</summary>
    internal bool NeedsFetch() =>
        _questions.Exists(question => question.State == QuestionState.Waiting && (!HasPassword || IsRefused(question)));

    /// <summary>True if a client shall be started now.</summary>
    internal bool MayFetch(TimeSpan now) => NeedsFetch() && now >= _fetchAt;

    /// <summary>True when there is nothing left to stay for.</summary>
    internal bool IsDone(TimeSpan now) => _questions.Count == 0 && (_answeredAt is not { } last || now >= last + linger);

    /// <summary>When there is something to do at the latest if nothing happens until then; null if never.</summary>
    internal TimeSpan? WakeAt(bool fetching)
    {
        var wake = TimeSpan.MaxValue;
        foreach (var question in _questions)
        {
            if (question.State != QuestionState.Waiting)
                continue;
            wake = Earlier(wake, question.Ask!.NotAfter ?? TimeSpan.MaxValue);
            if (IsAnswerable(question))
                wake = Earlier(wake, question.SendAt);
        }

        if (!fetching && NeedsFetch())
            wake = Earlier(wake, _fetchAt);
        if (_questions.Count == 0 && _answeredAt is { } last)
            wake = Earlier(wake, last + linger);
        return wake == TimeSpan.MaxValue ? null : wake;
    }

    private static TimeSpan Earlier(TimeSpan first, TimeSpan second) => first < second ? first : second;

    private bool IsAnswerable(Question question) => HasPassword && question.State == QuestionState.Waiting && !IsRefused(question);

    /// <summary>True if the disk was given the present password before this question came.</summary>
    private bool IsRefused(Question question) =>
        question.State == QuestionState.Waiting
        && _tried.Exists(other => other.Ask!.Subject == question.Ask!.Subject && question.Number > other.AnsweredBefore);
}
