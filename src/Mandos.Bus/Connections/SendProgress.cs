using System.Globalization;

namespace Mandos.Bus.Connections;

/// <summary>
/// Whether the bus takes what is sent. dbus-daemon reads no more from a connection while too much of what came from it waits
/// for another peer that does not read (its limit max_incoming_bytes): while that peer is connected, no peer would get
/// anything of ours. Another connection is read again, and what is too much for that one is dropped then.
/// </summary>
internal sealed class SendProgress(TimeProvider time)
{
    private static readonly TimeSpan MostStuck = TimeSpan.FromSeconds(30);

    /// <summary>Messages that the bus has not taken yet, above which those who send much wait.</summary>
    private const ulong Room = 256;

    /// <summary>Between two looks while something waits to be taken.</summary>
    private const int LookAgainMilliseconds = 1000;

    private readonly List<TaskCompletionSource> _waitingForRoom = [];
    private readonly List<TaskCompletionSource> _waitingForEmpty = [];
    private long _sent;
    private long _taken;
    private long _tookAt;
    private bool _isWaiting;

    /// <summary>In how many milliseconds to look again; -1: when something happens.</summary>
    internal int LookAgain => _isWaiting ? LookAgainMilliseconds : -1;

    /// <summary>A message was sent.</summary>
    internal void Sent() => _sent++;

    /// <summary>Completes when there is room for more, or nothing is left that the bus has not taken.</summary>
    internal void Await(TaskCompletionSource taken, bool untilEmpty) => (untilEmpty ? _waitingForEmpty : _waitingForRoom).Add(taken);

    /// <summary>So many messages wait to be taken.</summary>
    /// <exception cref="BusConnectionException">The bus took nothing for too long.</exception>
    internal void Report(ulong queued)
    {
        if (queued < Room)
            Complete(_waitingForRoom);
        if (queued == 0)
            Complete(_waitingForEmpty);
        var began = !_isWaiting;
        _isWaiting = queued > 0;
        var taken = _sent - (long)queued;
        if (began || taken != _taken)
            (_taken, _tookAt) = (taken, time.GetTimestamp());
        else if (_isWaiting && time.GetElapsedTime(_tookAt) > MostStuck)
            throw BusThread.Lost(string.Create(CultureInfo.InvariantCulture, $"the bus accepted no data for {MostStuck.TotalSeconds:0} s"));
    }

    /// <summary>The connection has ended: nothing is left to be taken.</summary>
    internal void End(BusConnectionException reason)
    {
        foreach (var waiting in _waitingForRoom)
            waiting.TrySetException(reason);
        Complete(_waitingForEmpty);
    }

    private static void Complete(List<TaskCompletionSource> waiting)
    {
        foreach (var one in waiting)
            one.TrySetResult();
        waiting.Clear();
    }
}
