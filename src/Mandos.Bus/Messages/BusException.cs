namespace Mandos.Bus.Messages;

/// <summary>An error as D-Bus carries it: a name for programs, a sentence for people. Got from a peer, or to be sent to one.</summary>
public sealed class BusException(string name, string message) : Exception(message)
{
    /// <summary>For example <c>org.freedesktop.DBus.Error.InvalidArgs</c>.</summary>
    public string Name { get; } = name;
}
