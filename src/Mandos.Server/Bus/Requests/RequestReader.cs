using Mandos.Bus.Connections;
using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Clients;
using Mandos.Server.Logging;

namespace Mandos.Server.Bus.Requests;

/// <summary>Parses calls: the method, the kind of object, and the arguments. Only this class reads what callers send.</summary>
internal static class RequestReader
{
    private const int LongestPerson = 128;

    /// <summary>How many records of the audit trail are in one answer.</summary>
    private const int MostRecords = 500;

    /// <summary>Parses a call.</summary>
    /// <exception cref="BusException">The method does not exist, or the arguments are invalid.</exception>
    internal static BusRequest Read(BusCall call, BusReader arguments)
    {
        if (call.Path == Names.Root)
            return ReadServer(call, Interface(call, ServerInterfaces.All), arguments);
        if (call.Path.StartsWith(ClientPath.Parent + "/", StringComparison.Ordinal))
            return ReadClient(call, Interface(call, ClientInterfaces.All), arguments);
        if (call.Path == ClientPath.Parent && Interface(call, [StandardInterfaces.Introspectable]) == Names.Introspectable)
            return ReadStandard(call, Names.Introspectable, arguments) ?? throw NoMethod(call);
        throw new BusException(BusErrors.UnknownObject, $"no object {call.Path}");
    }

    private static BusRequest ReadServer(BusCall call, string @interface, BusReader arguments)
    {
        switch (@interface, call.Member)
        {
            case (Names.ObjectManager, "GetManagedObjects"):
                arguments.Expect("");
                return new BusRequest.ListObjects(call);
            case (Names.Server or Names.OldServer, "GetAllClients"):
                arguments.Expect("");
                return new BusRequest.ListClients(call);
            case (Names.Server or Names.OldServer, "GetAllClientsWithProperties"):
                arguments.Expect("");
                return new BusRequest.ListProperties(call);
            case (Names.Server or Names.OldServer, "RemoveClient"):
                arguments.Expect("o");
                return new BusRequest.RemoveClient(call, arguments.ReadObjectPath());
            case (Names.MoreServer, "AddClient"):
                return new BusRequest.AddClient(call, NewClientReader.Read(arguments));
            case (Names.MoreServer, "Reload"):
                arguments.Expect("");
                return new BusRequest.Reload(call);
            case (Names.MoreServer, "SetLogLevel"):
                arguments.Expect("s");
                var level = arguments.ReadString();
                return new BusRequest.SetLogLevel(
                    call,
                    LogLevelName.Parse(level)
                        ?? throw BusArguments.Invalid($"'{level}' is not one of CRITICAL, ERROR, WARNING, INFO, DEBUG"));
            case (Names.Operator, "GetStatistics"):
                arguments.Expect("");
                return new BusRequest.GetStatistics(call);
            case (Names.Operator, "GetHistory"):
                arguments.Expect("stu");
                return new BusRequest.GetHistory(
                    call, arguments.ReadString(), (long)Math.Min(arguments.ReadUInt64(), long.MaxValue),
                    (int)Math.Min(arguments.ReadUInt32(), MostRecords));
            case (Names.Operator, _) when OperatorEvent(call.Member) is { } happening:
                arguments.Expect("ss");
                return new BusRequest.ActFor(call, arguments.ReadString(), Person(arguments.ReadString()), happening);
            case (Names.Properties, "Set"):
                arguments.Expect("ssv");
                throw NoServerProperty(arguments.ReadString(), arguments.ReadString());
            default:
                return ReadStandard(call, @interface, arguments) ?? throw NoMethod(call);
        }
    }

    private static ClientEvent? OperatorEvent(string member) => member switch
    {
        "Approve" => new ClientEvent.Decide(Approved: true),
        "Deny" => new ClientEvent.Decide(Approved: false),
        "Disable" => new ClientEvent.Disable(),
        "Enable" => new ClientEvent.Enable(),
        "Remove" => new ClientEvent.Remove(),
        _ => null,
    };

    /// <summary>The name of a person, for the log and the audit trail.</summary>
    private static string Person(string name) => name.Length is > 0 and <= LongestPerson && !name.Any(char.IsControl)
        ? name
        : throw BusArguments.Invalid($"person must have 1 to {LongestPerson} printable characters");

    private static BusRequest ReadClient(BusCall call, string @interface, BusReader arguments)
    {
        if (@interface is Names.Client or Names.OldClient && ClientChangeReader.ReadMethod(call.Member, arguments) is { } change)
            return new BusRequest.ChangeClient(call, call.Member, change);
        if (@interface == Names.MoreClient && call.Member == "Maintain")
            return new BusRequest.ChangeClient(call, call.Member, ClientChangeReader.ReadMaintenance(arguments));
        if (@interface == Names.Properties && call.Member == "Set")
        {
            arguments.Expect("ssv");
            var (of, property) = (arguments.ReadString(), arguments.ReadString());
            return new BusRequest.ChangeClient(call, property, ClientChangeReader.ReadProperty(of, property, arguments));
        }

        return ReadStandard(call, @interface, arguments) ?? throw NoMethod(call);
    }

    /// <summary>Parses calls of the interfaces that all objects have.</summary>
    private static BusRequest? ReadStandard(BusCall call, string @interface, BusReader arguments)
    {
        switch (@interface, call.Member)
        {
            case (Names.Introspectable, "Introspect"):
                arguments.Expect("");
                return new BusRequest.Introspect(call);
            case (Names.Properties, "Get"):
                arguments.Expect("ss");
                return new BusRequest.GetProperty(call, arguments.ReadString(), arguments.ReadString());
            case (Names.Properties, "GetAll"):
                arguments.Expect("s");
                return new BusRequest.GetAllProperties(call, arguments.ReadString());
            default:
                return null;
        }
    }

    /// <summary>The interface of the call, which a caller may leave out.</summary>
    private static string Interface(BusCall call, IReadOnlyList<BusInterface> interfaces)
    {
        if (call.Interface is not { } named)
            return interfaces.FirstOrDefault(
                i => i.Members.Any(m => m is BusMethod && m.Name == call.Member))?.Name ?? throw NoMethod(call);
        return interfaces.Any(i => i.Name == named)
            ? named
            : throw new BusException(BusErrors.UnknownInterface, $"{call.Path} has no interface '{named}'");
    }

    private static BusException NoMethod(BusCall call) => new(BusErrors.UnknownMethod, $"{call.Path} has no method '{call.Member}'");

    private static BusException NoServerProperty(string @interface, string name) => ServerProperties.Of(@interface).Any(p => p.Name == name)
        ? new(BusErrors.PropertyReadOnly, $"{name} cannot be set")
        : MissingProperty.Of(ServerInterfaces.All, @interface, name);
}
