namespace Mandos.BusClient;

/// <summary>Names on the bus (docs/dbus.md).</summary>
internal static class BusNames
{
    internal const string Service = "se.recompile.Mandos";
    internal const string ServerPath = "/";
    internal const string ServerInterface = "se.recompile.Mandos";
    internal const string ClientInterface = "se.recompile.Mandos.Client";

    /// <summary>What our server has beyond upstream's.</summary>
    internal const string OwnServerInterface = "dotnet.Mandos.Server";
    internal const string OwnClientInterface = "dotnet.Mandos.Client";

    /// <summary>What our server permits to programs that act for people.</summary>
    internal const string OperatorInterface = "dotnet.Mandos.Operator";

    internal const string Properties = "org.freedesktop.DBus.Properties";
    internal const string ObjectManager = "org.freedesktop.DBus.ObjectManager";
    internal const string Bus = "org.freedesktop.DBus";
}
