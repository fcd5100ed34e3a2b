namespace Mandos.Server.Listening;

/// <summary>A connection of a known client that waits for a decision about its request.</summary>
internal sealed class WaitingRequest(TimeSpan since, CancellationToken cancellationToken) : CancellableWait(cancellationToken)
{
    private volatile bool _isCrowdedOut;

    /// <summary>When the wait began, by the monotonic clock.</summary>
    internal TimeSpan Since { get; } = since;

    /// <summary>Whether the request was evicted in favour of another one of the same client.</summary>
    internal bool IsCrowdedOut => _isCrowdedOut;

    /// <summary>Ends the wait in favour of a later request of the same client.</summary>
    internal void CrowdOut()
    {
        _isCrowdedOut = true;
        Cancel();
    }
}
