using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>What a connection exports: it is asked about every path, introspection and properties included.</summary>
public interface IBusObjects
{
    /// <summary>
    /// Takes a call: reads its arguments now, and answers it now or later. On the thread of the connection; must not block.
    /// What it throws becomes the answer.
    /// </summary>
    void Receive(BusCall call, BusReader arguments);
}
