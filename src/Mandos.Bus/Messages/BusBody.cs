namespace Mandos.Bus.Messages;

/// <summary>Writes a body; called on the thread of the connection, and does nothing else.</summary>
public delegate void BusBody(BusWriter writer);

/// <summary>Makes a value of a body; called on the thread of the connection, and does nothing else.</summary>
public delegate T BusResult<out T>(BusReader reader);
