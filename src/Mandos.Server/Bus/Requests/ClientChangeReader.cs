using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Requests;

/// <summary>Reads the changes of clients that calls request.</summary>
internal static class ClientChangeReader
{
    /// <summary>Reads a call of a method of the client interface; null if there is no such method.</summary>
    internal static ClientChange? ReadMethod(string member, BusReader arguments)
    {
        if (member == "Approve")
        {
            arguments.Expect("b");
            return Happening(new ClientEvent.Decide(arguments.ReadBoolean()));
        }

        ClientEvent? happening = member switch
        {
            "CheckedOK" => new ClientEvent.CheckedOk(),
            "Enable" => new ClientEvent.Enable(),
            "Disable" => new ClientEvent.Disable(),
            "StartChecker" => new ClientEvent.StartChecker(),
            "StopChecker" => new ClientEvent.StopChecker(),
            _ => null,
        };
        if (happening is null)
            return null;
        arguments.Expect("");
        return Happening(happening);
    }

    /// <summary>Reads how long maintenance takes; zero ends it.</summary>
    internal static ClientChange ReadMaintenance(BusReader arguments)
    {
        arguments.Expect("t");
        var milliseconds = arguments.ReadUInt64();
        if (milliseconds > (ulong)ClientMachine.LongestMaintenance.TotalMilliseconds)
            throw BusArguments.Invalid("maintenance takes at most 7 days");
        return Happening(new ClientEvent.Maintain(TimeSpan.FromMilliseconds((long)milliseconds)));
    }

    /// <summary>Reads a write to a property, from the variant with its value.</summary>
    internal static ClientChange ReadProperty(string @interface, string name, BusReader value)
    {
        if (ClientProperties.Of(@interface).FirstOrDefault(p => p.Name == name) is not { } property)
            throw MissingProperty.Of(ClientInterfaces.All, @interface, name);
        if (property.Description.Access == BusAccess.Read)
            throw new BusException(BusErrors.PropertyReadOnly, $"{name} cannot be set");
        value.EnterVariant();
        if (ClientSetting.OnBus(name) is { } setting)
        {
            var given = BusArguments.ReadSetting(value, setting, new());
            return new ClientChange.Setting(settings => setting.Copy(given, settings));
        }

        return name switch
        {
            "Enabled" => Happening(BusArguments.ReadFlag(value, name) ? new ClientEvent.Enable() : new ClientEvent.Disable()),
            "CheckerRunning" =>
                Happening(BusArguments.ReadFlag(value, name) ? new ClientEvent.StartChecker() : new ClientEvent.StopChecker()),
            "LastCheckedOK" => Seen(value),
            "Secret" => new ClientChange.NewSecret(BusArguments.ReadSecret(value)),
            _ => throw MissingProperty.Of(ClientInterfaces.All, @interface, name),
        };
    }

    /// <summary>Any value means that the client was seen alive now.</summary>
    private static ClientChange.Happening Seen(BusReader value)
    {
        BusArguments.PassSimple(value, "LastCheckedOK");
        return Happening(new ClientEvent.CheckedOk());
    }

    private static ClientChange.Happening Happening(ClientEvent happening) => new(happening);
}
