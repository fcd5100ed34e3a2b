using System.Globalization;

namespace Mandos.Bus.Connections;

/// <summary>
/// Tracks whether the bus takes what is sent. dbus-daemon stops reading from a connection while too much of its data waits for another peer
/// that does not read (the limit max_incoming_bytes): while that peer is connected, no peer gets anything from us. A new connection is read
/// again, and excess data for that peer is then dropped.
/// </summary>
internal sealed class SendProgress(TimeProvider time)
{
    private static readonly TimeSpan MostStuck = TimeSpan.FromSeconds(30);

    /// <summary>The number of messages that the bus has not taken above which callers that send many wait.</summary>
    private const ulong Room = 256;

    /// <summary>The interval between two checks while messages wait to be taken.</summary>
    private const int LookAgainMilliseconds = 1000;

    private readonly List<TaskCompletionSource> _waitingForRoom = [];
    private readonly List<TaskCompletionSource> _waitingForEmpty = [];
    private long _sent;
    private long _taken;
    private long _tookAt;
    private bool _isWaiting;

    /// <summary>In how many milliseconds to check again; -1 to wait for an event.</summary>
    internal int LookAgain => _isWaiting ? LookAgainMilliseconds : -1;

    /// <summary>Counts a sent message.</summary>
    internal void Sent() => _sent++;

    /// <summary>Completes when more can be sent, or when the bus has taken everything.</summary>
    internal void Await(TaskCompletionSource taken, bool untilEmpty) => (untilEmpty ? _waitingForEmpty : _waitingForRoom).Add(taken);

    /// <summary>Records how many messages wait to be taken.</summary>
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

    /// <summary>Ends the tracking, because the connection has ended.</summary>
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
