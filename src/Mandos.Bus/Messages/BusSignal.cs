namespace Mandos.Bus.Messages;

/// <summary>A signal to all listeners.</summary>
/// <param name="Path">The object that it is about.</param>
/// <param name="Interface">The interface of the signal.</param>
/// <param name="Member">Its name.</param>
/// <param name="Body">Its arguments; null if it has none.</param>
public sealed record BusSignal(string Path, string Interface, string Member, BusBody? Body = null);

/// <summary>A received signal.</summary>
/// <param name="Sender">The sender's unique name, as the bus reports it.</param>
/// <param name="Path">The object that it is about.</param>
/// <param name="Interface">The interface of the signal.</param>
/// <param name="Member">Its name.</param>
public sealed record ReceivedSignal(string Sender, string Path, string Interface, string Member);

/// <summary>Handles a signal; called on the thread of the connection, and must not block.</summary>
public delegate void SignalHandler(ReceivedSignal signal, BusReader arguments);
