namespace Mandos.Server.Listening;

/// <summary>A wait that any thread may cancel until it is disposed, and that ends with the server.</summary>
internal abstract class CancellableWait(CancellationToken cancellationToken) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private bool _disposed;

    /// <summary>Cancelled when the wait ends early, and when the server stops.</summary>
    internal CancellationToken Token => _end.Token;

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _end.Dispose();
        }
    }

    /// <summary>Cancels the wait; does nothing once it is disposed.</summary>
    protected void Cancel()
    {
        lock (_gate)
        {
            if (!_disposed)
                _end.Cancel();
        }
    }
}
