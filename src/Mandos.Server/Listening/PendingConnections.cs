using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// The connections that have not shown a known key yet. There is room for so many in all and from one address; who comes
/// when it is full replaces the one that has waited longest, so that silent connections, however many, block no client.
/// Those that have greeted take more memory, and have a quarter of the room, or 256 places.
/// </summary>
/// <param name="most">Room in all.</param>
/// <param name="mostOfOne">Room for one address.</param>
/// <param name="time">To find the one that waits longest.</param>
internal sealed class PendingConnections(int most, int mostOfOne, TimeProvider time)
{
    private readonly int _mostGreeted = Math.Min(most, Math.Max(256, most / 4));
    private readonly Lock _gate = new();
    private readonly PendingList _all = new();
    private readonly Dictionary<IPAddress, PendingList> _byAddress = [];
    private long _givenUp;

    /// <summary>How many there are.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _all.Count;
        }
    }

    /// <summary>How many had to make room since the last call.</summary>
    internal long TakeGivenUp() => Interlocked.Exchange(ref _givenUp, 0);

    /// <summary>Takes one in; cancels another one if there is no room.</summary>
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

    /// <summary>One has greeted.</summary>
    internal void Advance(PendingConnection connection)
    {
        PendingConnection? oldest = null;
        lock (_gate)
        {
            // Given up meanwhile.
            if (connection.Place is null)
                return;
            Forget(connection);
            if (_all.Greeted >= _mostGreeted && (oldest = _all.OldestGreeted) is not null)
                Forget(oldest);
            Place(connection, hasGreeted: true);
        }

        GiveUp(oldest);
    }

    /// <summary>There is no room for another connection of any kind: cancels the one that waits longest, if there is one.</summary>
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

    /// <summary>Takes one out: it has ended, or has shown a known key. May be called again.</summary>
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

/// <summary>Where a connection stands in the lists of <see cref="PendingConnections"/>.</summary>
/// <param name="Since">When it connected, or greeted if it has, by the monotonic clock.</param>
/// <param name="InAll">Among all.</param>
/// <param name="InOwn">Among those of its address.</param>
internal sealed record PendingNode(TimeSpan Since, LinkedListNode<PendingConnection> InAll, LinkedListNode<PendingConnection> InOwn);
