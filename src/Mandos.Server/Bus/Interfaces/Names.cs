namespace Mandos.Server.Bus.Interfaces;

/// <summary>What the objects on the bus are called.</summary>
internal static class Names
{
    /// <summary>The name of the service, and the interface of the server.</summary>
    internal const string Server = "se.recompile.Mandos";

    /// <summary>The older name for both.</summary>
    internal const string OldServer = "se.bsnet.fukt.Mandos";

    /// <summary>The interface of a client.</summary>
    internal const string Client = $"{Server}.Client";

    /// <summary>The older name for it.</summary>
    internal const string OldClient = $"{OldServer}.Client";

    /// <summary>The additions of this server to upstream's interfaces; named so that they cannot clash with others.</summary>
    internal const string MoreServer = "dotnet.Mandos.Server";

    /// <summary>What its clients have beyond the original's.</summary>
    internal const string MoreClient = "dotnet.Mandos.Client";

    internal const string Properties = "org.freedesktop.DBus.Properties";
    internal const string Introspectable = "org.freedesktop.DBus.Introspectable";
    internal const string ObjectManager = "org.freedesktop.DBus.ObjectManager";

    /// <summary>The server's object.</summary>
    internal const string Root = "/";
}
