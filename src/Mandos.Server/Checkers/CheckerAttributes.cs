using System.Globalization;
using Mandos.Server.Clients;

namespace Mandos.Server.Checkers;

/// <summary>What a checker's command may ask of its client, and how it is written: as the original writes it.</summary>
internal static class CheckerAttributes
{
    /// <summary>Their names, in the order of the manual.</summary>
    internal static IReadOnlyList<string> Names { get; } =
    [
        "approval_delay", "approval_duration", "created", "enabled", "expires", "key_id", "fingerprint", "host", "interval",
        "last_approval_request", "last_checked_ok", "last_enabled", "name", "timeout", ObjectPath,
    ];

    /// <summary>Known only while the server is on the bus.</summary>
    internal const string ObjectPath = "dbus_object_path";

    /// <summary>The value, not yet quoted; null if there is no such attribute.</summary>
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

    /// <summary>UTC without saying so, with microseconds unless there are none.</summary>
    private static string Time(DateTime? time)
    {
        if (time is not { } value)
            return "None";
        var hasFraction = value.Ticks % TimeSpan.TicksPerSecond >= TimeSpan.TicksPerMicrosecond;
        return value.ToString(hasFraction ? "yyyy-MM-dd HH:mm:ss.ffffff" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }
}
