using Mandos.Bus.Introspection;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>The interfaces of the server object: upstream's under both of its names, and our own.</summary>
internal static class ServerInterfaces
{
    private static readonly IReadOnlyList<Annotation> DeprecatedNote = [Annotation.Deprecated];

    /// <summary>What a program may do with a client for a person that it names.</summary>
    private static readonly string[] OperatorMethods = ["Approve", "Deny", "Disable", "Enable", "Remove"];

    private static readonly BusMember[] Members =
    [
        new BusMethod("GetAllClients", [], [new("ao")]) { Annotations = DeprecatedNote },
        new BusMethod("GetAllClientsWithProperties", [], [new("a{oa{sv}}")]) { Annotations = DeprecatedNote },
        new BusMethod("RemoveClient", [new("o", "object_path")], []),
        new BusSignalMember("ClientAdded", [new("o", "objpath")]),
        new BusSignalMember("ClientNotFound", [new("s", "key_id"), new("s", "address")]),
        new BusSignalMember("ClientRemoved", [new("o", "objpath"), new("s", "name")]) { Annotations = DeprecatedNote },
    ];

    /// <summary>All interfaces.</summary>
    internal static IReadOnlyList<BusInterface> All { get; } =
    [
        StandardInterfaces.Introspectable,
        StandardInterfaces.Properties,
        StandardInterfaces.ObjectManager,
        new(Names.Server, Members),
        new(Names.OldServer, Members) { Annotations = DeprecatedNote },
        new(Names.MoreServer,
        [
            new BusMethod("AddClient", [new("s", "name"), new("a{sv}", "properties"), new("ay", "secret")], [new("o", "object_path")]),
            new BusMethod("Reload", [], []),
            new BusMethod("SetLogLevel", [new("s", "level")], []),
            .. ServerProperties.All.Select(p => p.Description),
        ]),
        new(Names.Operator,
        [
            .. OperatorMethods.Select(name => new BusMethod(name, [new("s", "client"), new("s", "person")], [])),
            new BusMethod("GetStatistics", [], [new("a{st}")]),
            new BusMethod(
                "GetHistory", [new("s", "client"), new("t", "before"), new("u", "most")], [new($"a{HistoryRecords.Type}", "records")]),
        ]),
    ];
}
