using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>The interfaces of a client object: upstream's under both of its names, and our own.</summary>
internal static class ClientInterfaces
{
    private static readonly IReadOnlyList<Annotation> DeprecatedNote = [Annotation.Deprecated];

    private static readonly BusMember[] Members =
    [
        new BusMethod("Approve", [new("b", "value")], []),
        new BusMethod("CheckedOK", [], []),
        new BusMethod("Enable", [], []) { Annotations = DeprecatedNote },
        new BusMethod("Disable", [], []) { Annotations = DeprecatedNote },
        new BusMethod("StartChecker", [], []) { Annotations = DeprecatedNote },
        new BusMethod("StopChecker", [], []) { Annotations = DeprecatedNote },
        new BusSignalMember("CheckerCompleted", [new("n", "exitcode"), new("x", "waitstatus"), new("s", "command")]),
        new BusSignalMember("CheckerStarted", [new("s", "command")]),
        new BusSignalMember("GotSecret", []),
        new BusSignalMember("NeedApproval", [new("t", "timeout"), new("b", "default")]),
        new BusSignalMember("PropertyChanged", [new("s", "property"), new("v", "value")]) { Annotations = DeprecatedNote },
        new BusSignalMember("Rejected", [new("s", "reason")]),
        .. ClientProperties.Original.Select(p => p.Description),
    ];

    /// <summary>All interfaces.</summary>
    internal static IReadOnlyList<BusInterface> All { get; } =
    [
        StandardInterfaces.Introspectable,
        StandardInterfaces.Properties,
        new(Names.Client, Members),
        new(Names.OldClient, Members) { Annotations = DeprecatedNote },
        new(Names.MoreClient,
        [
            new BusMethod("Maintain", [new("t", "milliseconds")], []),
            new BusSignalMember(
                "ExpiresSoon", [new("s", "expires"), new("t", "milliseconds"), new("n", "exitcode"), new("s", "reason")]),
            .. ClientProperties.More.Select(p => p.Description),
        ]),
    ];

    /// <summary>Writes <c>a{sa{sv}}</c>: the names of all interfaces, with their readable properties.</summary>
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
