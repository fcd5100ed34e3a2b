using System.Net;

namespace Mandos.Server.Listening;

/// <summary>A connection that has not shown a known key yet, and may have to make room for another.</summary>
internal sealed class PendingConnection(IPAddress address, CancellationToken cancellationToken) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private bool _disposed;

    internal IPAddress Address { get; } = address;

    /// <summary>Cancelled when it is given up, and when the server stops.</summary>
    internal CancellationToken Token => _end.Token;

    /// <summary>Its place among all, and among those of its address; the lock of <see cref="PendingConnections"/> guards it.</summary>
    internal PendingNode? Place { get; set; }

    internal void GiveUp()
    {
        lock (_gate)
        {
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
