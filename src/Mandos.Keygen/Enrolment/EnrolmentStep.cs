namespace Mandos.Keygen.Enrolment;

/// <summary>What a step did.</summary>
/// <param name="Note">What it did or found, for its line.</param>
/// <param name="AlreadyThere">Whether nothing had to be done.</param>
internal sealed record StepResult(string Note, bool AlreadyThere = false)
{
    /// <summary>More lines for the operator.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether the rest has to wait for the operator; the note says why.</summary>
    public bool IsPending { get; init; }
}

/// <summary>One step of an enrolment. It can be repeated: what is done already is not done again.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="title">What it does, for its line.</param>
/// <param name="needs">The steps whose results it needs.</param>
internal abstract class EnrolmentStep(string name, string title, params IReadOnlyList<string> needs)
{
    public string Name => name;

    public string Title => title;

    public IReadOnlyList<string> Needs => needs;

    /// <summary>Whether it only looks, so that a dry run includes it.</summary>
    public virtual bool OnlyLooks => false;

    /// <summary>Does its work.</summary>
    /// <exception cref="Failures.KeygenException">It failed.</exception>
    public abstract Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken);

    /// <summary>Takes back what it did, completely or in part. Called if it failed, or a later step that needs this did.</summary>
    /// <returns>What was taken back; null if there was nothing.</returns>
    public virtual Task<string?> UndoAsync(EnrolmentState state, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>Called after all steps succeeded: removes what is not needed any more.</summary>
    public virtual Task CompleteAsync(EnrolmentState state, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether the earlier steps are taken back, too, if this one fails.</summary>
    public virtual bool UndoesEarlier(EnrolmentState state) => false;

    /// <summary>What it would do, for a dry run.</summary>
    public virtual string Plan(EnrolmentState state) => title;
}
