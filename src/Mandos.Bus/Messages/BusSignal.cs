namespace Mandos.Bus.Messages;

/// <summary>A signal to all that listen.</summary>
/// <param name="Path">The object that it is about.</param>
/// <param name="Interface">Of the signal.</param>
/// <param name="Member">Its name.</param>
/// <param name="Body">Its arguments; null if it has none.</param>
public sealed record BusSignal(string Path, string Interface, string Member, BusBody? Body = null);

/// <summary>A received signal.</summary>
/// <param name="Sender">Their unique name; vouched for by the bus.</param>
/// <param name="Path">The object that it is about.</param>
/// <param name="Interface">Of the signal.</param>
/// <param name="Member">Its name.</param>
public sealed record ReceivedSignal(string Sender, string Path, string Interface, string Member);

/// <summary>Takes a signal; called on the thread of the connection, and must not block.</summary>
public delegate void SignalHandler(ReceivedSignal signal, BusReader arguments);
