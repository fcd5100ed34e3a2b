using Mandos.Core.Discovery.Multicast;

namespace Mandos.Client.Retrieval;

/// <summary>Events for the retrieval while it runs.</summary>
internal abstract record RetrievalEvent
{
    /// <summary>An interface can be used, from now on or with one more address.</summary>
    internal sealed record InterfaceUsable(int Index, string Name) : RetrievalEvent;

    /// <summary>An interface can no longer be used.</summary>
    internal sealed record InterfaceGone(int Index) : RetrievalEvent;

    /// <summary>A server appeared or went.</summary>
    internal sealed record Service(ServiceEvent Event) : RetrievalEvent;

    /// <summary>An attempt got its connection.</summary>
    internal sealed record Connected(RunningAttempt Attempt) : RetrievalEvent;

    /// <summary>An attempt ended by itself.</summary>
    internal sealed record Ended(RunningAttempt Attempt, AttemptOutcome Outcome) : RetrievalEvent;

    /// <summary>It takes longer than usual: it is time to say what is going on.</summary>
    internal sealed record Overdue : RetrievalEvent;

    /// <summary>It is time to look at the schedule.</summary>
    internal sealed record Tick : RetrievalEvent;
}

/// <summary>An attempt that has been started; another one with the same server is another object.</summary>
internal sealed class RunningAttempt(Candidate candidate, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    internal Candidate Candidate { get; } = candidate;

    internal CancellationToken Token => _source.Token;

    internal Task Task { get; set; } = Task.CompletedTask;

    internal void Cancel() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
