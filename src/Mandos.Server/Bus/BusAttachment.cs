using Mandos.Bus.Connections;

namespace Mandos.Server.Bus;

/// <summary>A connection that signals go out on.</summary>
/// <param name="Connection">Which; it has our names.</param>
/// <param name="Abandoned">No task waits any longer for the bus to accept what was sent.</param>
internal sealed record BusAttachment(BusConnection Connection, CancellationToken Abandoned);
