namespace Mandos.Core.Discovery.Multicast;

/// <summary>
/// A protocol as a state machine without clock, sockets or threads: each event includes the time, relative to an arbitrary start.
/// </summary>
internal interface IMulticastMachine
{
    /// <summary>When <see cref="Tick"/> must be called next; <see cref="TimeSpan.MaxValue"/> if never.</summary>
    TimeSpan NextWake { get; }

    void Receive(in MulticastPacket packet, TimeSpan now);

    void Tick(TimeSpan now);
}
