using System.Net;

namespace Mandos.Server.Listening;

/// <summary>A connection that has not presented a known key yet, and may be evicted in favour of another.</summary>
internal sealed class PendingConnection(IPAddress address, CancellationToken cancellationToken) : CancellableWait(cancellationToken)
{
    internal IPAddress Address { get; } = address;

    /// <summary>
    /// The positions in the list of all connections and in that of the address; guarded by the lock of <see cref="PendingConnections"/>.
    /// </summary>
    internal PendingNode? Place { get; set; }

    /// <summary>Evicts the connection.</summary>
    internal void GiveUp() => Cancel();
}
