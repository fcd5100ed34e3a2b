using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mandos.BusClient;
using Mandos.Control.Actions;

namespace Mandos.Control.Commands;

/// <summary>
/// What <c>--json</c> prints of a client (mandos-ctl(8), JSON): names as in clients.conf, times in RFC 3339, durations in milliseconds;
/// null for what has not happened or is not reported.
/// </summary>
internal static class ClientJson
{
    private static readonly (string Name, string Property)[] Texts =
        [("key_id", "KeyID"), ("fingerprint", "Fingerprint"), .. SettingNames.Texts];

    private static readonly (string Name, string Property)[] Times =
        [("created", "Created"), ("last_enabled", "LastEnabled"), ("last_disabled", "LastDisabled"),
            ("last_checked_ok", "LastCheckedOK"), ("expires", "Expires"), ("maintenance", "Maintenance"),
            ("last_approval_request", "LastApprovalRequest")];

    private static readonly (string Name, string Property)[] Durations =
        [.. SettingNames.Durations.Select(static setting => (setting.Option + "_ms", setting.Property))];

    private static readonly (string Name, string Property)[] Flags =
        [("enabled", "Enabled"), ("approved_by_default", "ApprovedByDefault"), ("approval_pending", "ApprovalPending"),
            ("checker_running", "CheckerRunning")];

    /// <summary>Prints a document.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="isLine">Whether it stands on one line.</param>
    /// <param name="write">Writes it.</param>
    internal static void Print(TextWriter output, bool isLine, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        // The default encoder escapes everything beyond ASCII, and so whatever could disturb a terminal.
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = !isLine }))
            write(json);
        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        output.Write('\n');
    }

    /// <summary>Prints an array of clients.</summary>
    internal static void Print(TextWriter output, IReadOnlyList<ClientState> clients) => Print(output, isLine: false, json =>
    {
        json.WriteStartArray();
        foreach (var client in clients)
            Write(json, client);
        json.WriteEndArray();
    });

    /// <summary>Prints what was done with which clients.</summary>
    internal static void PrintDone(TextWriter output, IEnumerable<string> names, string done) =>
        Print(output, isLine: false, json =>
        {
            json.WriteStartArray();
            foreach (var name in names)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("done", done);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    /// <summary>RFC 3339, in UTC, with microseconds.</summary>
    internal static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes a time, or null for never.</summary>
    internal static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, Rfc3339(known));
        else
            json.WriteNull(name);
    }

    /// <summary>Writes the result of the last check; null if there is none.</summary>
    internal static void WriteCheckerStatus(Utf8JsonWriter json, long? status) =>
        WriteNumber(json, "last_checker_status", status == -2 ? null : status);

    private static void Write(Utf8JsonWriter json, ClientState client)
    {
        json.WriteStartObject();
        json.WriteString("name", client.Name);
        json.WriteString("status", client.Status().Word());
        json.WriteString("path", client.Path);
        foreach (var (name, property) in Texts)
            json.WriteString(name, client.Text(property));
        foreach (var (name, property) in Flags)
            json.WriteBoolean(name, client.Flag(property));
        foreach (var (name, property) in Times)
            WriteTime(json, name, client.Time(property));
        WriteTime(json, "decides", client.Decides());
        foreach (var (name, property) in Durations)
            json.WriteNumber(name, client.Number(property));
        WriteCheckerStatus(json, client["LastCheckerStatus"] as long?);
        WriteNumber(json, "secrets_given", client["SecretsGiven"]);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, object? value)
    {
        if (value is long number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
