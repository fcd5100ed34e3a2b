using Mandos.Core.Durations;

namespace Mandos.Client.Agent;

/// <summary>
/// Keeps the open questions and decides what to do about them. Pure: its inputs are events and their times (CLOCK_MONOTONIC); it never sees
/// the password itself.
/// <list type="bullet">
/// <item>One password answers all questions: those that are waiting, and those that appear later.</item>
/// <item>A question about a disk that was already given this password means that the password was wrong. It is not sent again; another
/// fetch is due after a growing pause, and its password counts only if it differs. This gives a person time to type, and does not use up
/// the attempts of the program that asks.</item>
/// <item>As long as a file exists, the agent must stay: systemd would restart it immediately.</item>
/// </list>
/// </summary>
/// <param name="linger">How long to stay after the last answer, for later questions and to remember which password was tried.</param>
internal sealed class QuestionBook(TimeSpan linger)
{
    /// <summary>The pause between two attempts to send an answer.</summary>
    internal static readonly TimeSpan ResendPause = TimeSpan.FromSeconds(1);

    /// <summary>The first pause before another password is fetched because the last one was wrong; it doubles each time.</summary>
    internal static readonly TimeSpan FirstRefetchPause = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause between two fetches.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly List<Question> _questions = [];

    // For each disk that got the current password, the latest question that existed at that time.
    private readonly List<Question> _tried = [];
    private readonly GrowingPause _refetch = new(FirstRefetchPause, LongestPause);
    private readonly GrowingPause _retry = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private int _arrivals;
    private TimeSpan _fetchAt;
    private TimeSpan? _answeredAt;

    /// <summary>Whether a password was fetched.</summary>
    internal bool HasPassword { get; private set; }

    /// <summary>All questions whose files exist, including those that are not answered.</summary>
    internal IReadOnlyList<Question> Questions => _questions;

    /// <summary>Records that a question's file appeared or was rewritten. Null for a question that is not to be answered.</summary>
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

    /// <summary>Records that a question's file is gone.</summary>
    internal void Vanished(string name) => _questions.RemoveAll(question => question.Name == name);

    /// <summary>Records that the client returned a password, and whether it differs from the previous one.</summary>
    internal void Fetched(bool isNew, TimeSpan now)
    {
        HasPassword = true;
        _retry.Reset();
        if (isNew)
            _tried.Clear();
        else
            _fetchAt = now + _refetch.Take();
    }

    /// <summary>Records that the client returned no password and may be started again later.</summary>
    internal void FetchFailed(TimeSpan now) => _fetchAt = now + (HasPassword ? _refetch : _retry).Take();

    /// <summary>Records that the client returned no password and never will.</summary>
    internal void FetchImpossible() => _fetchAt = TimeSpan.MaxValue;

    /// <summary>Stops waiting for expired questions.</summary>
    internal void Expire(TimeSpan now)
    {
        foreach (var question in _questions)
        {
            if (question is { State: QuestionState.Waiting, Ask.NotAfter: { } end } && now >= end)
                question.State = QuestionState.Ignored;
        }
    }

    /// <summary>Returns the questions to which the password should be sent now.</summary>
    internal List<Question> Due(TimeSpan now) => _questions.FindAll(question => IsAnswerable(question) && now >= question.SendAt);

    /// <summary>Records that a question was answered.</summary>
    internal void Answered(Question question, TimeSpan now)
    {
        question.State = QuestionState.Answered;
        question.AnsweredBefore = _arrivals;
        _tried.RemoveAll(other => other.Ask!.Subject == question.Ask!.Subject);
        _tried.Add(question);
        _answeredAt = now;
    }

    /// <summary>Records that an answer could not be sent yet.</summary>
    internal static void Delayed(Question question, TimeSpan now) => question.SendAt = now + ResendPause;

    /// <summary>Records that a question will not be answered.</summary>
    internal static void Abandoned(Question question) => question.State = QuestionState.Ignored;

    /// <summary>Whether a question needs a password that has not been fetched; a running client should continue.</summary>
    internal bool NeedsFetch() =>
        _questions.Exists(question => question.State == QuestionState.Waiting && (!HasPassword || IsRefused(question)));

    /// <summary>Whether a client should be started now.</summary>
    internal bool MayFetch(TimeSpan now) => NeedsFetch() && now >= _fetchAt;

    /// <summary>Whether there is nothing left to wait for.</summary>
    internal bool IsDone(TimeSpan now) => _questions.Count == 0 && (_answeredAt is not { } last || now >= last + linger);

    /// <summary>When something has to be done at the latest if nothing happens before; null if never.</summary>
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

    /// <summary>Whether the disk was given the current password before this question appeared.</summary>
    private bool IsRefused(Question question) =>
        question.State == QuestionState.Waiting
        && _tried.Exists(other => other.Ask!.Subject == question.Ask!.Subject && question.Number > other.AnsweredBefore);
}
