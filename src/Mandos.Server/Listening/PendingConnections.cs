using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// The connections that have not shown a known key yet. There is room for so many in all and from one address; who comes
/// when it is full takes the place of the one that waits longest, so that silence, however much of it, keeps nobody out.
/// </summary>
/// <param name="most">Room in all.</param>
/// <param name="mostOfOne">Room for one address.</param>
internal sealed class PendingConnections(int most, int mostOfOne)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<PendingConnection> _all = [];
    private readonly Dictionary<IPAddress, LinkedList<PendingConnection>> _byAddress = [];
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
            if (!_byAddress.TryGetValue(address, out var own))
                _byAddress.Add(address, own = []);
            if (own.Count >= mostOfOne)
                oldest = own.First!.Value;
            else if (_all.Count >= most)
                oldest = _all.First!.Value;
            if (oldest is not null)
                Forget(oldest);
            // Forgetting the last one of this very address took the list away.
            _byAddress.TryAdd(address, own);
            added.Nodes = (_all.AddLast(added), own.AddLast(added));
        }

        if (oldest is not null)
        {
            Interlocked.Increment(ref _givenUp);
            oldest.GiveUp();
        }

        return added;
    }

    /// <summary>Takes one out: it has ended, or has shown a known key. May be called again.</summary>
    internal void Remove(PendingConnection connection)
    {
        lock (_gate)
            Forget(connection);
    }

    private void Forget(PendingConnection connection)
    {
        if (connection.Nodes is not var (inAll, inOwn))
            return;
        connection.Nodes = null;
        _all.Remove(inAll);
        var own = _byAddress[connection.Address];
        own.Remove(inOwn);
        if (own.Count == 0)
            _byAddress.Remove(connection.Address);
    }
}
