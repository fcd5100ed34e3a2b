namespace Mandos.Bus.Messages;

/// <summary>A signal to all that listen.</summary>
/// <param name="Path">The object that it is about.</param>
/// <param name="Interface">Of the signal.</param>
/// <param name="Member">Its name.</param>
/// <param name="Body">Its arguments; null if it has none.</param>
public sealed record BusSignal(string Path, string Interface, string Member, BusBody? Body = null);
