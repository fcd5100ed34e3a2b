using Mandos.Core.Durations;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>Drives a state machine: passes on one event at a time and calls it when it is due.</summary>
internal sealed class MulticastDriver : IMulticastReceiver, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IMulticastMachine _machine;
    private readonly IMulticastTransport _transport;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly Action? _changed;
    private bool _disposed;

    /// <summary>Starts immediately; <paramref name="changed"/> is called after every event, outside the lock.</summary>
    internal MulticastDriver(IMulticastMachine machine, IMulticastTransport transport, TimeProvider time, Action? changed)
    {
        _machine = machine;
        _transport = transport;
        _time = time;
        _changed = changed;
        _start = _time.GetTimestamp();
        _timer = _time.CreateTimer(
            static self => ((MulticastDriver)self!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _transport.Start(this);
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Runs an action exclusively; does nothing after disposal.</summary>
    internal void Do(Action<TimeSpan> action)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            action(Now);
            Schedule();
        }

        _changed?.Invoke();
    }

    /// <summary>Reads the machine's state exclusively.</summary>
    internal T Read<T>(Func<T> look)
    {
        lock (_gate)
            return look();
    }

    void IMulticastReceiver.Receive(in MulticastPacket packet)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _machine.Receive(packet, Now);
            Schedule();
        }

        _changed?.Invoke();
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        await _transport.DisposeAsync().ConfigureAwait(false);
    }

    private void Wake() => Do(_machine.Tick);

    private void Schedule()
    {
        if (_machine.NextWake == TimeSpan.MaxValue)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        _timer.Change(TimerTime.Of(_machine.NextWake - Now), Timeout.InfiniteTimeSpan);
    }
}
