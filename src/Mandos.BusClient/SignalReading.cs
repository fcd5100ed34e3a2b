using Tmds.DBus.Protocol;

namespace Mandos.BusClient;

/// <summary>Reads signals; what is not of interest becomes null.</summary>
internal static class SignalReading
{
    /// <summary>A signal of the server.</summary>
    internal static ServerSignal? Signal(Message message, object? state)
    {
        var path = message.PathAsString ?? "";
        var reader = message.GetBodyReader();
        switch (message.InterfaceAsString, message.MemberAsString, message.SignatureAsString)
        {
            case (BusNames.ClientInterface, "CheckerStarted", "s"):
                return new ServerSignal.CheckerStarted(path, reader.ReadString());
            case (BusNames.ClientInterface, "CheckerCompleted", "nxs"):
                return new ServerSignal.CheckerCompleted(path, reader.ReadInt16(), reader.ReadInt64(), reader.ReadString());
            case (BusNames.ClientInterface, "GotSecret", _):
                return new ServerSignal.GotSecret(path);
            case (BusNames.ClientInterface, "NeedApproval", "tb"):
                return new ServerSignal.NeedApproval(path, Milliseconds(reader.ReadUInt64()), reader.ReadBool());
            case (BusNames.ClientInterface, "Rejected", "s"):
                return new ServerSignal.Rejected(path, reader.ReadString());
            case (BusNames.OwnClientInterface, "ExpiresSoon", "stns"):
                return new ServerSignal.ExpiresSoon(
                    path, Moments.OfBus(reader.ReadString()), Milliseconds(reader.ReadUInt64()), reader.ReadInt16(), reader.ReadString());
            case (BusNames.ServerInterface, "ClientNotFound", "ss"):
                return new ServerSignal.ClientNotFound(reader.ReadString(), reader.ReadString());
            case (BusNames.ObjectManager, "InterfacesAdded", "oa{sa{sv}}"):
                return BodyReading.Client(ref reader) is { } client ? new ServerSignal.Added(client) : null;
            case (BusNames.ObjectManager, "InterfacesRemoved", "oas"):
                return Removed(ref reader);
            case (BusNames.Properties, "PropertiesChanged", "sa{sv}as"):
                return reader.ReadString() is BusNames.ClientInterface or BusNames.OwnClientInterface
                    ? new ServerSignal.Changed(path, BodyReading.Properties(ref reader))
                    : null;
            default:
                return null;
        }
    }

    /// <summary>The bus signals who has the server's name.</summary>
    internal static ServerSignal? Owner(Message message, object? state)
    {
        var reader = message.GetBodyReader();
        _ = reader.ReadString();
        _ = reader.ReadString();
        return reader.ReadString().Length > 0 ? new ServerSignal.Appeared() : new ServerSignal.Left();
    }

    private static ServerSignal.Removed? Removed(ref Reader reader)
    {
        var path = reader.ReadObjectPathAsString();
        return reader.ReadArrayOfString().Contains(BusNames.ClientInterface) ? new(path) : null;
    }

    private static TimeSpan Milliseconds(ulong value) =>
        value < (ulong)(TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond)
            ? TimeSpan.FromMilliseconds((long)value)
            : TimeSpan.MaxValue;
}
