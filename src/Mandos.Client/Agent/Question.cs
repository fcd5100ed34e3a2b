namespace Mandos.Client.Agent;

/// <summary>The state of a question.</summary>
internal enum QuestionState
{
    /// <summary>
    /// The file exists but needs no answer: it is not a disk question, unreadable, or expired, or the program that asked has exited.
    /// </summary>
    Ignored,

    /// <summary>Waiting for a password.</summary>
    Waiting,

    /// <summary>Answered; the file still exists.</summary>
    Answered,
}

/// <summary>An existing file <c>ask.*</c>.</summary>
/// <param name="name">The file's name.</param>
/// <param name="ask">The question; null if it is not for us.</param>
/// <param name="number">The number of the question, in order of appearance.</param>
internal sealed class Question(string name, AskFile? ask, int number)
{
    /// <summary>The file's name.</summary>
    internal string Name => name;

    /// <summary>The question; null if it is not for us.</summary>
    internal AskFile? Ask => ask;

    /// <summary>The number; later questions have higher numbers.</summary>
    internal int Number => number;

    /// <summary>The state of the question.</summary>
    internal QuestionState State { get; set; } = ask is null ? QuestionState.Ignored : QuestionState.Waiting;

    /// <summary>The earliest time to send the answer.</summary>
    internal TimeSpan SendAt { get; set; }

    /// <summary>The number of the latest question that existed when this one was answered.</summary>
    internal int AnsweredBefore { get; set; }

    /// <summary>Whether a file with this content is the question that is already known.</summary>
    internal bool IsSame(AskFile? other) =>
        ask is null || other is null
            ? ask == other
            : ask.Socket == other.Socket
                && ask.ProcessId == other.ProcessId
                && ask.NotAfter == other.NotAfter
                && ask.Subject == other.Subject;
}
