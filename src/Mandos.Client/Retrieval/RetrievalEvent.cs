using Mandos.Core.Discovery.Multicast;

namespace Mandos.Client.Retrieval;

/// <summary>An event for the retrieval.</summary>
internal abstract record RetrievalEvent
{
    /// <summary>An interface became usable, or got one more address.</summary>
    internal sealed record InterfaceUsable(int Index, string Name) : RetrievalEvent;

    /// <summary>An interface is no longer usable.</summary>
    internal sealed record InterfaceGone(int Index) : RetrievalEvent;

    /// <summary>A server appeared or disappeared.</summary>
    internal sealed record Service(ServiceEvent Event) : RetrievalEvent;

    /// <summary>An attempt has connected.</summary>
    internal sealed record Connected(RunningAttempt Attempt) : RetrievalEvent;

    /// <summary>An attempt ended by itself.</summary>
    internal sealed record Ended(RunningAttempt Attempt, AttemptOutcome Outcome) : RetrievalEvent;

    /// <summary>The retrieval takes longer than usual, so its progress should be printed.</summary>
    internal sealed record Overdue : RetrievalEvent;

    /// <summary>The schedule should be evaluated.</summary>
    internal sealed record Tick : RetrievalEvent;
}

/// <summary>A running attempt; another attempt with the same server is another object.</summary>
internal sealed class RunningAttempt(Candidate candidate, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    internal Candidate Candidate { get; } = candidate;

    internal CancellationToken Token => _source.Token;

    internal Task Task { get; set; } = Task.CompletedTask;

    internal bool IsConnected { get; set; }

    internal void Cancel() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
