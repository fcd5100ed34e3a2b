namespace Mandos.Bus.Connections;

/// <summary>The address of the system bus.</summary>
public static class BusAddress
{
    private const string Variable = "DBUS_SYSTEM_BUS_ADDRESS";
    private const string Default = "unix:path=/run/dbus/system_bus_socket";

    /// <summary>$DBUS_SYSTEM_BUS_ADDRESS, or the standard address (D-Bus specification, well-known message bus instances).</summary>
    public static string System { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen ? chosen : Default;
}
