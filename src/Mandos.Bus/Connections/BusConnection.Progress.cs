using System.Globalization;

namespace Mandos.Bus.Connections;

/// <summary>
/// Whether the bus takes what is sent. dbus-daemon reads no more from a connection while too much of what came from it waits
/// for another peer that does not read (its limit max_incoming_bytes): while that peer is connected, no peer would get
/// of us. Another connection is read again, and what is too much for that one is dropped then.
/// </summary>
public sealed partial class BusConnection
{
    private static readonly TimeSpan MostStuck = TimeSpan.FromSeconds(30);

    /// <summary>Milliseconds between two looks while something waits to be taken.</summary>
    private const int LookAgain = 1000;

    private long _sent;
    private long _taken;
    private long _tookAt;
    private bool _isWaiting;

    /// <summary>Ends the connection if the bus took nothing for too long.</summary>
    private void CheckProgress(ulong queued)
    {
        var began = !_isWaiting;
        _isWaiting = queued > 0;
        var taken = _sent - (long)queued;
        if (began || taken != _taken)
            (_taken, _tookAt) = (taken, _time.GetTimestamp());
        else if (_isWaiting && _time.GetElapsedTime(_tookAt) > MostStuck)
            throw Lost(string.Create(CultureInfo.InvariantCulture, $"the bus accepted nothing for {MostStuck.TotalSeconds:0} s"));
    }
}
