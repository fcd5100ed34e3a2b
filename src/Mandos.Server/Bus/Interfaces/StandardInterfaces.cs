using Mandos.Bus.Introspection;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>The interfaces of the D-Bus specification that our objects implement.</summary>
internal static class StandardInterfaces
{
    internal static BusInterface Introspectable { get; } = new(
        Names.Introspectable, [new BusMethod("Introspect", [], [new("s", "xml_data")])]);

    internal static BusInterface Properties { get; } = new(Names.Properties,
    [
        new BusMethod("Get", [new("s", "interface_name"), new("s", "property_name")], [new("v", "value")]),
        new BusMethod("Set", [new("s", "interface_name"), new("s", "property_name"), new("v", "value")], []),
        new BusMethod("GetAll", [new("s", "interface_name")], [new("a{sv}", "props")]),
        new BusSignalMember(
            "PropertiesChanged", [new("s", "interface_name"), new("a{sv}", "changed_properties"), new("as", "invalidated_properties")]),
    ]);

    internal static BusInterface ObjectManager { get; } = new(Names.ObjectManager,
    [
        new BusMethod("GetManagedObjects", [], [new("a{oa{sa{sv}}}", "objpath_interfaces_and_properties")]),
        new BusSignalMember("InterfacesAdded", [new("o", "object_path"), new("a{sa{sv}}", "interfaces_and_properties")]),
        new BusSignalMember("InterfacesRemoved", [new("o", "object_path"), new("as", "interfaces")]),
    ]);
}
