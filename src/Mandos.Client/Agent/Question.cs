namespace Mandos.Client.Agent;

/// <summary>What becomes of a question.</summary>
internal enum QuestionState
{
    /// <summary>
    /// Its file is there, but nothing is to be answered: not ours, not readable, too late, or the program that asked has exited.
    /// </summary>
    Ignored,

    /// <summary>It waits for a password.</summary>
    Waiting,

    /// <summary>It was answered; its file is still there.</summary>
    Answered,
}

/// <summary>A file <c>ask.*</c> that exists.</summary>
/// <param name="name">The file's name.</param>
/// <param name="ask">What is asked; null if the file is none of ours.</param>
/// <param name="number">Questions are counted in the order in which they came.</param>
internal sealed class Question(string name, AskFile? ask, int number)
{
    /// <summary>The file's name.</summary>
    internal string Name => name;

    /// <summary>What is asked; null if it is none of ours.</summary>
    internal AskFile? Ask => ask;

    /// <summary>Later questions have higher numbers.</summary>
    internal int Number => number;

    /// <summary>What becomes of it.</summary>
    internal QuestionState State { get; set; } = ask is null ? QuestionState.Ignored : QuestionState.Waiting;

    /// <summary>Not sent before this moment.</summary>
    internal TimeSpan SendAt { get; set; }

    /// <summary>The number of the last question there was when this one was answered.</summary>
    internal int AnsweredBefore { get; set; }

    /// <summary>True if a file that says this is the question that is known already.</summary>
    internal bool IsSame(AskFile? other) =>
        ask is null || other is null
            ? ask == other
            : ask.Socket == other.Socket
                && ask.ProcessId == other.ProcessId
                && ask.NotAfter == other.NotAfter
                && ask.Subject == other.Subject;
}
