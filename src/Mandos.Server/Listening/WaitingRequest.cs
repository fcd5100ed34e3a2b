namespace Mandos.Server.Listening;

/// <summary>A connection of a known client that waits for the decision whether it gets the secret.</summary>
internal sealed class WaitingRequest(TimeSpan since, CancellationToken cancellationToken) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private bool _disposed;

    /// <summary>Since when, by the monotonic clock.</summary>
    internal TimeSpan Since { get; } = since;

    /// <summary>Cancelled when the wait is over without a decision.</summary>
    internal CancellationToken Token => _end.Token;

    /// <summary>True if it had to make room for others of the same client.</summary>
    internal bool IsCrowdedOut { get; private set; }

    /// <summary>Ends the wait in favour of a later one of the same client.</summary>
    internal void CrowdOut()
    {
        lock (_gate)
        {
            IsCrowdedOut = true;
            if (!_disposed)
                _end.Cancel();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _end.Dispose();
        }
    }
}
