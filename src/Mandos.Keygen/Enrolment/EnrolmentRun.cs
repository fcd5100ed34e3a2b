using Mandos.Core.Keys;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Enrolment;

/// <summary>How a run ended.</summary>
internal enum EnrolmentOutcome
{
    /// <summary>All steps succeeded.</summary>
    Done,

    /// <summary>The operator has to paste the section, and to run the rest.</summary>
    Pending,

    /// <summary>A step failed.</summary>
    Failed,
}

/// <summary>Runs steps one after the other. If one fails, what cannot stay without it is taken back.</summary>
/// <param name="steps">The steps, in their order.</param>
/// <param name="state">What they share.</param>
/// <param name="progress">A line for each.</param>
/// <param name="report">Receives errors.</param>
internal sealed class EnrolmentRun(
    IReadOnlyList<EnrolmentStep> steps, EnrolmentState state, ProgressLines progress, Action<KeygenException> report)
{
    private readonly List<EnrolmentStep> _done = [];

    public async Task<EnrolmentOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var isPending = false;
        foreach (var step in steps)
        {
            if (isPending && step is RehearsalStep)
            {
                progress.Tell("next", $"{step.Title}: when the section is on the server");
                continue;
            }

            progress.Begin(step);
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                var result = await step.RunAsync(state, cancellationToken).ConfigureAwait(false);
                progress.End(step, result);
                isPending |= result.IsPending;
                _done.Add(step);
            }
            catch (Exception error) when (Failure(step, error) is { } failure)
            {
                progress.Fail(step);
                report(failure);
                await UndoAsync(step).ConfigureAwait(false);
                return EnrolmentOutcome.Failed;
            }
        }

        if (isPending)
            return EnrolmentOutcome.Pending;
        await CompleteAsync(cancellationToken).ConfigureAwait(false);
        return EnrolmentOutcome.Done;
    }

    /// <summary>Prints what each step would do; those that only look are run.</summary>
    public async Task<EnrolmentOutcome> PlanAsync(TextWriter output, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
        {
            if (!step.OnlyLooks)
            {
                await output.WriteLineAsync($"{step.Name}: would {step.Plan(state)}".AsMemory(), cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                var result = await step.RunAsync(state, cancellationToken).ConfigureAwait(false);
                await output.WriteLineAsync($"{step.Name}: {result.Note}".AsMemory(), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (Failure(step, error) is { } failure)
            {
                report(failure);
                return EnrolmentOutcome.Failed;
            }
        }

        return EnrolmentOutcome.Done;
    }

    private async Task UndoAsync(EnrolmentStep failed)
    {
        if (!await UndoOneAsync(failed).ConfigureAwait(false) || !failed.UndoesEarlier(state))
            return;
        foreach (var step in Enumerable.Reverse(_done))
        {
            // What stays needs what was done before it: a section on the server, the key slot that its password opens.
            if (!await UndoOneAsync(step).ConfigureAwait(false))
                return;
        }
    }

    // Not cancellable: a second signal must not leave half of it behind. Each program that is run has a time limit.
    private async Task<bool> UndoOneAsync(EnrolmentStep step)
    {
        try
        {
            if (await step.UndoAsync(state, CancellationToken.None).ConfigureAwait(false) is { } undone)
                progress.Tell("undo", undone);
            return true;
        }
        catch (Exception error) when (Failure(step, error) is { } failure)
        {
            report(new($"what the step {step.Name} did is not taken back: {failure.Message}", failure.Hint));
            return false;
        }
    }

    private async Task CompleteAsync(CancellationToken cancellationToken)
    {
        foreach (var step in _done)
        {
            try
            {
                await step.CompleteAsync(state, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (Failure(step, error) is { } failure)
            {
                progress.Tell("note", $"what the step {step.Name} replaced is still there: {failure.Message}");
            }
        }
    }

    private static KeygenException? Failure(EnrolmentStep step, Exception error) => error switch
    {
        KeygenException failure => failure,
        OperationCanceledException => new($"interrupted in the step {step.Name}", "run the same command again to go on"),
        IOException or UnauthorizedAccessException or KeyFormatException => new($"{step.Name}: {FileFailure.Describe(error)}"),
        _ => null,
    };
}
