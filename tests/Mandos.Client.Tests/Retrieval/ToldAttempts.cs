using System.Threading.Channels;
using Mandos.Client.Retrieval;

namespace Mandos.Client.Tests.Retrieval;

/// <summary>Starts attempts that do as they are told.</summary>
internal sealed class ToldAttempts : IServerAttempt
{
    private readonly Channel<ToldAttempt> _started = Channel.CreateUnbounded<ToldAttempt>();

    public int Waiting => _started.Reader.Count;

    public async Task<AttemptOutcome> RunAsync(
        Candidate candidate, int interfaceIndex, Action connected, CancellationToken cancellationToken)
    {
        var attempt = new ToldAttempt(candidate, interfaceIndex, connected, cancellationToken);
        _started.Writer.TryWrite(attempt);
        var given = Task.Delay(Timeout.Infinite, cancellationToken);
        // An attempt that succeeds at the same moment as it is given up has succeeded.
        return await Task.WhenAny(attempt.Outcome, given, Task.Delay(RetrievalRig.Patience, CancellationToken.None)) == attempt.Outcome
            || !cancellationToken.IsCancellationRequested
            ? await attempt.Outcome
            : await attempt.Outcome.WaitAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None).ContinueWith(
                late =>
                    late.IsCompletedSuccessfully
                        ? late.Result
                        : throw new OperationCanceledException(cancellationToken), TaskScheduler.Default);
    }

    public async Task<ToldAttempt> NextAsync() =>
        await _started.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(RetrievalRig.Patience);
}
