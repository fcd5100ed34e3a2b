namespace Mandos.Server.Bus.Interfaces;

/// <summary>The names used on the bus.</summary>
internal static class Names
{
    /// <summary>The name of the service, and the interface of the server.</summary>
    internal const string Server = "se.recompile.Mandos";

    /// <summary>The older name for both.</summary>
    internal const string OldServer = "se.bsnet.fukt.Mandos";

    /// <summary>The interface of a client.</summary>
    internal const string Client = $"{Server}.Client";

    /// <summary>The older name of the client interface.</summary>
    internal const string OldClient = $"{OldServer}.Client";

    /// <summary>Our additions to the server's interface; the prefix rules out collisions with other names.</summary>
    internal const string MoreServer = "dotnet.Mandos.Server";

    /// <summary>What the bus policy permits to a program with fewer privileges than an administrator.</summary>
    internal const string Operator = "dotnet.Mandos.Operator";

    /// <summary>Our additions to the client's interface.</summary>
    internal const string MoreClient = "dotnet.Mandos.Client";

    internal const string Properties = "org.freedesktop.DBus.Properties";
    internal const string Introspectable = "org.freedesktop.DBus.Introspectable";
    internal const string ObjectManager = "org.freedesktop.DBus.ObjectManager";

    /// <summary>The path of the server object.</summary>
    internal const string Root = "/";
}
