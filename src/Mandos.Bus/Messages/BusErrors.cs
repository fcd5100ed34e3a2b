namespace Mandos.Bus.Messages;

/// <summary>The names of common errors (D-Bus specification and dbus-protocol.h).</summary>
public static class BusErrors
{
    public const string Failed = "org.freedesktop.DBus.Error.Failed";
    public const string AccessDenied = "org.freedesktop.DBus.Error.AccessDenied";
    public const string Disconnected = "org.freedesktop.DBus.Error.Disconnected";
    public const string InvalidArguments = "org.freedesktop.DBus.Error.InvalidArgs";
    public const string LimitsExceeded = "org.freedesktop.DBus.Error.LimitsExceeded";
    public const string NameHasNoOwner = "org.freedesktop.DBus.Error.NameHasNoOwner";
    public const string NotSupported = "org.freedesktop.DBus.Error.NotSupported";
    public const string PropertyReadOnly = "org.freedesktop.DBus.Error.PropertyReadOnly";
    public const string ServiceUnknown = "org.freedesktop.DBus.Error.ServiceUnknown";
    public const string Timeout = "org.freedesktop.DBus.Error.Timeout";
    public const string UnknownInterface = "org.freedesktop.DBus.Error.UnknownInterface";
    public const string UnknownMethod = "org.freedesktop.DBus.Error.UnknownMethod";
    public const string UnknownObject = "org.freedesktop.DBus.Error.UnknownObject";
    public const string UnknownProperty = "org.freedesktop.DBus.Error.UnknownProperty";
}

/// <summary>A D-Bus error: a name for programs and a text for people. Received from a peer, or to be sent to one.</summary>
public sealed class BusException(string name, string message) : Exception(message)
{
    /// <summary>The name, for example <c>org.freedesktop.DBus.Error.InvalidArgs</c>.</summary>
    public string Name { get; } = name;
}
