namespace Mandos.Bus.Connections;

/// <summary>There is no connection to the bus, or no longer; the message says why.</summary>
/// <param name="message">For people.</param>
/// <param name="isPermanent">True if it is of no use to try again: there is no libsystemd.</param>
public sealed class BusConnectionException(string message, bool isPermanent = false) : Exception(message)
{
    /// <summary>Whether it is of no use to try again.</summary>
    public bool IsPermanent { get; } = isPermanent;
}
