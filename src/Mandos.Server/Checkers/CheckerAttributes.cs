using System.Globalization;
using Mandos.Server.Clients;

namespace Mandos.Server.Checkers;

/// <summary>The attributes of its client that a checker's command can use, formatted as upstream formats them.</summary>
internal static class CheckerAttributes
{
    /// <summary>The names, in the order of the manual.</summary>
    internal static IReadOnlyList<string> Names { get; } =
    [
        "approval_delay", "approval_duration", "created", "enabled", "expires", "key_id", "fingerprint", "host", "interval",
        "last_approval_request", "last_checked_ok", "last_enabled", "name", "timeout", ObjectPath,
    ];

    /// <summary>Available only while the server is on the bus.</summary>
    internal const string ObjectPath = "dbus_object_path";

    /// <summary>Returns the value, not yet quoted; null if there is no such attribute.</summary>
    internal static string? Find(ClientState client, string? dbusObjectPath, string name) => name switch
    {
        "created" => Time(client.Created),
        "enabled" => client.Enabled ? "True" : "False",
        "expires" => Time(client.Expires?.Wall),
        "key_id" => client.KeyId?.ToString().ToUpperInvariant() ?? "",
        "fingerprint" => client.Fingerprint,
        "last_approval_request" => Time(client.LastApprovalRequest),
        "last_checked_ok" => Time(client.LastCheckedOk),
        "last_enabled" => Time(client.LastEnabled),
        "name" => client.Name,
        ObjectPath => dbusObjectPath,
        _ => Names.Contains(name) ? ClientSetting.All.Single(s => s.Name == name).ValueOf(client.Settings).ToString() : null,
    };

    /// <summary>The time in UTC without a zone suffix, with microseconds unless they are zero.</summary>
    private static string Time(DateTime? time)
    {
        if (time is not { } value)
            return "None";
        var hasFraction = value.Ticks % TimeSpan.TicksPerSecond >= TimeSpan.TicksPerMicrosecond;
        return value.ToString(hasFraction ? "yyyy-MM-dd HH:mm:ss.ffffff" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }
}
