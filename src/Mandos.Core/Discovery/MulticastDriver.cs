namespace Mandos.Core.Discovery;

/// <summary>Drives one machine: lets in one event at a time and wakes it when it wants.</summary>
internal sealed class MulticastDriver : IMulticastReceiver, IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly IMulticastMachine machine;
    private readonly IMulticastTransport transport;
    private readonly TimeProvider time;
    private readonly long start;
    private readonly ITimer timer;
    private readonly Action? changed;
    private bool disposed;

    /// <summary>Starts at once; <paramref name="changed"/> is called after every event, outside of it.</summary>
    internal MulticastDriver(IMulticastMachine machine, IMulticastTransport transport, TimeProvider time, Action? changed)
    {
        this.machine = machine;
        this.transport = transport;
        this.time = time;
        this.changed = changed;
        start = time.GetTimestamp();
        timer = time.CreateTimer(static self => ((MulticastDriver)self!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        transport.Start(this);
    }

    private TimeSpan Now => time.GetElapsedTime(start);

    /// <summary>Runs an action as the only one; nothing happens after disposal.</summary>
    internal void Do(Action<TimeSpan> action)
    {
        lock (gate)
        {
            if (disposed)
                return;
            action(Now);
            Schedule();
        }

        changed?.Invoke();
    }

    /// <summary>Looks at the machine's state as the only one.</summary>
    internal T Read<T>(Func<T> look)
    {
        lock (gate)
            return look();
    }

    void IMulticastReceiver.Receive(in MulticastPacket packet)
    {
        lock (gate)
        {
            if (disposed)
                return;
            machine.Receive(packet, Now);
            Schedule();
        }

        changed?.Invoke();
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (disposed)
                return;
            disposed = true;
        }

        await timer.DisposeAsync().ConfigureAwait(false);
        await transport.DisposeAsync().ConfigureAwait(false);
    }

    private void Wake() => Do(machine.Tick);

    private void Schedule()
    {
        if (machine.NextWake == TimeSpan.MaxValue)
        {
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        // Timers count in whole milliseconds; to wake too early would only wake again.
        var wait = Math.Ceiling(Math.Clamp((machine.NextWake - Now).TotalMilliseconds, 0, TimeSpan.FromDays(1).TotalMilliseconds));
        timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }
}
