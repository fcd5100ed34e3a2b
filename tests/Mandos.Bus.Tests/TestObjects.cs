using Mandos.Bus.Connections;
using Mandos.Bus.Messages;

namespace Mandos.Bus.Tests;

/// <summary>What a test does with a call.</summary>
internal delegate void Receiver(BusCall call, BusReader arguments);

/// <summary>Objects that a test decides about.</summary>
internal sealed class TestObjects(Receiver receive) : IBusObjects
{
    public void Receive(BusCall call, BusReader arguments) => receive(call, arguments);
}
