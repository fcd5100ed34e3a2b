namespace Mandos.Bus.Connections;

/// <summary>Where the system bus is.</summary>
public static class BusAddress
{
    private const string Variable = "DBUS_SYSTEM_BUS_ADDRESS";
    private const string Default = "unix:path=/run/dbus/system_bus_socket";

    /// <summary>$DBUS_SYSTEM_BUS_ADDRESS, else where it always is (D-Bus specification, well-known message bus instances).</summary>
    public static string System { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen ? chosen : Default;
}
