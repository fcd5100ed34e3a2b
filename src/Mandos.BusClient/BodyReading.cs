using Mandos.Core.Audit;
using Tmds.DBus.Protocol;

namespace Mandos.BusClient;

/// <summary>Reads what the server sends about clients.</summary>
internal static class BodyReading
{
    /// <summary>a{oa{sa{sv}}}: the clients among the objects, in the order of the message.</summary>
    internal static List<ClientState> Clients(Message message)
    {
        var reader = message.GetBodyReader();
        var clients = new List<ClientState>();
        var objects = reader.ReadDictionaryStart();
        while (reader.HasNext(objects))
        {
            if (Client(ref reader) is { } client)
                clients.Add(client);
        }

        return clients;
    }

    /// <summary>oa{sa{sv}}: an object with its interfaces; null if it is not a client.</summary>
    internal static ClientState? Client(ref Reader reader)
    {
        var path = reader.ReadObjectPathAsString();
        Dictionary<string, object>? client = null;
        Dictionary<string, object>? own = null;
        var interfaces = reader.ReadDictionaryStart();
        while (reader.HasNext(interfaces))
        {
            var name = reader.ReadString();
            if (name == BusNames.ClientInterface)
                client = Properties(ref reader);
            else if (name == BusNames.OwnClientInterface)
                own = Properties(ref reader);
            else
                // Among others the same properties under the older name.
                reader.SkipTo(reader.ReadDictionaryStart());
        }

        if (client is null)
            return null;
        foreach (var (name, value) in own ?? [])
            client[name] = value;
        return new(path, client);
    }

    /// <summary>a{sv}; values of other types than those of <see cref="ClientState"/> are left out.</summary>
    internal static Dictionary<string, object> Properties(ref Reader reader)
    {
        var properties = new Dictionary<string, object>();
        var entries = reader.ReadDictionaryStart();
        while (reader.HasNext(entries))
        {
            var name = reader.ReadString();
            if (Value(reader.ReadVariantValue()) is { } value)
                properties[name] = value;
        }

        return properties;
    }

    /// <summary>a{st}: counters by their names.</summary>
    internal static IReadOnlyDictionary<string, ulong> Counters(Message message)
    {
        var reader = message.GetBodyReader();
        var counters = new Dictionary<string, ulong>();
        var entries = reader.ReadDictionaryStart();
        while (reader.HasNext(entries))
        {
            var name = reader.ReadString();
            counters[name] = reader.ReadUInt64();
        }

        return counters;
    }

    /// <summary>a(tssssa{ss}): records of the audit trail; those that are none are left out.</summary>
    internal static IReadOnlyList<AuditRecord> Records(Message message)
    {
        var reader = message.GetBodyReader();
        var records = new List<AuditRecord>();
        var end = reader.ReadArrayStart(DBusType.Struct);
        while (reader.HasNext(end))
        {
            reader.AlignStruct();
            var (number, time) = (reader.ReadUInt64(), reader.ReadString());
            var (server, happening, text) = (reader.ReadString(), reader.ReadString(), reader.ReadString());
            var fields = new List<KeyValuePair<string, string>>();
            var entries = reader.ReadDictionaryStart();
            while (reader.HasNext(entries))
                fields.Add(new(reader.ReadString(), reader.ReadString()));
            if (number > long.MaxValue || !AuditRecord.TryParseTime(time, out var moment))
                continue;
            records.Add(
                new() { Number = (long)number, Time = moment, Server = server, Event = happening, Text = text, Fields = fields });
        }

        return records;
    }

    private static object? Value(VariantValue value) => value.Type switch
    {
        VariantValueType.String => value.GetString(),
        VariantValueType.ObjectPath => value.GetObjectPathAsString(),
        VariantValueType.Bool => value.GetBool(),
        VariantValueType.Byte => (long)value.GetByte(),
        VariantValueType.Int16 => (long)value.GetInt16(),
        VariantValueType.UInt16 => (long)value.GetUInt16(),
        VariantValueType.Int32 => (long)value.GetInt32(),
        VariantValueType.UInt32 => (long)value.GetUInt32(),
        VariantValueType.Int64 => value.GetInt64(),
        VariantValueType.UInt64 => (long)Math.Min(value.GetUInt64(), long.MaxValue),
        _ => null,
    };
}
