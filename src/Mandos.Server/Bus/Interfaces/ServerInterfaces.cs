using Mandos.Bus.Introspection;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>What the object of the server has: the original's interface under both of its names, and our own.</summary>
internal static class ServerInterfaces
{
    private static readonly IReadOnlyList<Annotation> _deprecated = [Annotation.Deprecated];

    private static readonly BusMember[] _members =
    [
        new BusMethod("GetAllClients", [], [new("ao")]) { Annotations = _deprecated },
        new BusMethod("GetAllClientsWithProperties", [], [new("a{oa{sv}}")]) { Annotations = _deprecated },
        new BusMethod("RemoveClient", [new("o", "object_path")], []),
        new BusSignalMember("ClientAdded", [new("o", "objpath")]),
        new BusSignalMember("ClientNotFound", [new("s", "key_id"), new("s", "address")]),
        new BusSignalMember("ClientRemoved", [new("o", "objpath"), new("s", "name")]) { Annotations = _deprecated },
    ];

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<BusInterface> All { get; } =
    [
        StandardInterfaces.Introspectable,
        StandardInterfaces.Properties,
        StandardInterfaces.ObjectManager,
        new(Names.Server, _members),
        new(Names.OldServer, _members) { Annotations = _deprecated },
        new(Names.MoreServer,
        [
            new BusMethod("AddClient", [new("s", "name"), new("a{sv}", "properties"), new("ay", "secret")], [new("o", "object_path")]),
            new BusMethod("Reload", [], []),
            new BusMethod("SetLogLevel", [new("s", "level")], []),
            .. ServerProperties.All.Select(p => p.Description),
        ]),
    ];
}
