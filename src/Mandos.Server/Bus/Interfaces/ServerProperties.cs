using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Mandos.Server.Logging;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>The properties of the server; upstream has none.</summary>
internal static class ServerProperties
{
    internal const string SecretsGiven = "SecretsGiven";
    internal const string LogLevel = "LogLevel";

    internal static IReadOnlyList<ServerPropertyDefinition> All { get; } =
    [
        Text("Version", "const", f => f.Version),
        Text("Address", "const", f => f.Address),
        new(Fact("Port", "q", "const"), (w, s) => w.WriteUInt16(s.Facts.Port)),
        Text("Interface", "const", f => f.Interface),
        Text("ServiceName", "false", f => f.ServiceName),
        new(new(LogLevel, "s", BusAccess.Read), (w, s) => w.WriteString(LogLevelName.Of(s.LogLevel))),
        new(new(SecretsGiven, "t", BusAccess.Read), (w, s) => w.WriteUInt64(s.SecretsGiven)),
    ];

    /// <summary>The properties of an interface; empty if the server has no such interface.</summary>
    internal static IReadOnlyList<ServerPropertyDefinition> Of(string @interface) => @interface is Names.MoreServer or "" ? All : [];

    /// <summary>Writes <c>a{sv}</c> with these properties.</summary>
    internal static void Write(BusWriter writer, ServerView server, IEnumerable<ServerPropertyDefinition> properties)
    {
        writer.OpenArray("{sv}");
        foreach (var property in properties)
        {
            writer.OpenEntry("sv");
            writer.WriteString(property.Name);
            property.WriteVariant(writer, server);
            writer.Close();
        }

        writer.Close();
    }

    private static ServerPropertyDefinition Text(string name, string emits, Func<ServerFacts, string> value) =>
        new(Fact(name, "s", emits), (w, s) => w.WriteString(value(s.Facts)));

    private static BusProperty Fact(string name, string type, string emits) =>
        new(name, type, BusAccess.Read) { Annotations = [Annotation.EmitsChangedSignal(emits)] };
}
