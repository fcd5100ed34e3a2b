using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// The connections that have not presented a known key yet. Their number is limited, in total and per address; at the limit a new
/// connection evicts the one that has waited longest, so that silent connections cannot block clients. Connections that have sent the
/// greeting use more memory; they may use a quarter of the total, but at least 256 places.
/// </summary>
/// <param name="most">The limit in total.</param>
/// <param name="mostOfOne">The limit per address.</param>
/// <param name="time">The clock for waiting times.</param>
internal sealed class PendingConnections(int most, int mostOfOne, TimeProvider time)
{
    private readonly int _mostGreeted = Math.Min(most, Math.Max(256, most / 4));
    private readonly Lock _gate = new();
    private readonly PendingList _all = new();
    private readonly Dictionary<IPAddress, PendingList> _byAddress = [];
    private long _givenUp;

    /// <summary>The number of pending connections.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _all.Count;
        }
    }

    /// <summary>Returns how many connections were evicted since the last call.</summary>
    internal long TakeGivenUp() => Interlocked.Exchange(ref _givenUp, 0);

    /// <summary>Adds a connection; evicts another one if the limit is reached.</summary>
    internal PendingConnection Add(IPAddress address, CancellationToken cancellationToken)
    {
        var added = new PendingConnection(address, cancellationToken);
        PendingConnection? oldest = null;
        lock (_gate)
        {
            if (_byAddress.TryGetValue(address, out var own) && own.Count >= mostOfOne)
                oldest = own.Oldest;
            else if (_all.Count >= most)
                oldest = _all.Oldest;
            if (oldest is not null)
                Forget(oldest);
            Place(added, hasGreeted: false);
        }

        GiveUp(oldest);
        return added;
    }

    /// <summary>Records that a connection has sent the greeting.</summary>
    internal void Advance(PendingConnection connection)
    {
        PendingConnection? oldest = null;
        lock (_gate)
        {
            // The connection was evicted in the meantime.
            if (connection.Place is null)
                return;
            Forget(connection);
            if (_all.Greeted >= _mostGreeted && (oldest = _all.OldestGreeted) is not null)
                Forget(oldest);
            Place(connection, hasGreeted: true);
        }

        GiveUp(oldest);
    }

    /// <summary>Evicts the connection that has waited longest, if any, because no further connection of any kind can be accepted.</summary>
    internal void GiveUpOldest()
    {
        PendingConnection? oldest;
        lock (_gate)
        {
            oldest = _all.Oldest;
            if (oldest is not null)
                Forget(oldest);
        }

        GiveUp(oldest);
    }

    /// <summary>Removes a connection that has ended or has presented a known key. May be called again.</summary>
    internal void Remove(PendingConnection connection)
    {
        lock (_gate)
            Forget(connection);
    }

    private void GiveUp(PendingConnection? connection)
    {
        if (connection is null)
            return;
        Interlocked.Increment(ref _givenUp);
        connection.GiveUp();
    }

    private void Place(PendingConnection connection, bool hasGreeted)
    {
        if (!_byAddress.TryGetValue(connection.Address, out var own))
            _byAddress.Add(connection.Address, own = new());
        connection.Place = new(time.GetElapsedTime(0), _all.Add(connection, hasGreeted), own.Add(connection, hasGreeted));
    }

    private void Forget(PendingConnection connection)
    {
        if (connection.Place is not { } place)
            return;
        connection.Place = null;
        place.InAll.List!.Remove(place.InAll);
        var own = _byAddress[connection.Address];
        place.InOwn.List!.Remove(place.InOwn);
        if (own.Count == 0)
            _byAddress.Remove(connection.Address);
    }
}

/// <summary>The position of a connection in the lists of <see cref="PendingConnections"/>.</summary>
/// <param name="Since">When the connection was accepted, or when it sent the greeting, by the monotonic clock.</param>
/// <param name="InAll">The position among all connections.</param>
/// <param name="InOwn">The position among those of its address.</param>
internal sealed record PendingNode(TimeSpan Since, LinkedListNode<PendingConnection> InAll, LinkedListNode<PendingConnection> InOwn);
