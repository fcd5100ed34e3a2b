using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>The objects that a connection exports. Receives the calls for every path, including introspection and properties.</summary>
public interface IBusObjects
{
    /// <summary>
    /// Receives a call: reads its arguments immediately, and answers it now or later. Runs on the thread of the connection; must not block.
    /// An exception becomes the answer.
    /// </summary>
    void Receive(BusCall call, BusReader arguments);
}
