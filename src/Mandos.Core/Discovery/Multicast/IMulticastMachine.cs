namespace Mandos.Core.Discovery.Multicast;

/// <summary>
/// A protocol as a machine without clock, sockets or threads: it gets the time with everything that happens.
/// Times are since an arbitrary start.
/// </summary>
internal interface IMulticastMachine
{
    /// <summary>When <see cref="Tick"/> wants to be called next; <see cref="TimeSpan.MaxValue"/> if not.</summary>
    TimeSpan NextWake { get; }

    void Receive(in MulticastPacket packet, TimeSpan now);

    void Tick(TimeSpan now);
}
