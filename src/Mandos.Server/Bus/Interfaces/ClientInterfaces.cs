using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>What the object of a client has: the original's interface under both of its names, and our own.</summary>
internal static class ClientInterfaces
{
    private static readonly IReadOnlyList<Annotation> _deprecated = [Annotation.Deprecated];

    private static readonly BusMember[] _members =
    [
        new BusMethod("Approve", [new("b", "value")], []),
        new BusMethod("CheckedOK", [], []),
        new BusMethod("Enable", [], []) { Annotations = _deprecated },
        new BusMethod("Disable", [], []) { Annotations = _deprecated },
        new BusMethod("StartChecker", [], []) { Annotations = _deprecated },
        new BusMethod("StopChecker", [], []) { Annotations = _deprecated },
        new BusSignalMember("CheckerCompleted", [new("n", "exitcode"), new("x", "waitstatus"), new("s", "command")]),
        new BusSignalMember("CheckerStarted", [new("s", "command")]),
        new BusSignalMember("GotSecret", []),
        new BusSignalMember("NeedApproval", [new("t", "timeout"), new("b", "default")]),
        new BusSignalMember("PropertyChanged", [new("s", "property"), new("v", "value")]) { Annotations = _deprecated },
        new BusSignalMember("Rejected", [new("s", "reason")]),
        .. ClientProperties.Original.Select(p => p.Description),
    ];

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<BusInterface> All { get; } =
    [
        StandardInterfaces.Introspectable,
        StandardInterfaces.Properties,
        new(Names.Client, _members),
        new(Names.OldClient, _members) { Annotations = _deprecated },
        new(Names.MoreClient, [.. ClientProperties.More.Select(p => p.Description)]),
    ];

    /// <summary>Writes <c>a{sa{sv}}</c>: the names of all of them, with the properties that can be read.</summary>
    internal static void WriteAll(BusWriter writer, ClientObject client)
    {
        writer.OpenArray("{sa{sv}}");
        foreach (var one in All)
        {
            writer.OpenEntry("sa{sv}");
            writer.WriteString(one.Name);
            ClientProperties.WriteAll(writer, client, ClientProperties.Of(one.Name));
            writer.Close();
        }

        writer.Close();
    }
}
