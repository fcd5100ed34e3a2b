using System.Text.Json;

namespace Mandos.Peers.Programs;

/// <summary>A signal that went over the bus.</summary>
/// <param name="At">When it was seen, in microseconds since 1970.</param>
/// <param name="Sender">The unique name of the connection that sent it.</param>
/// <param name="Path">The object.</param>
/// <param name="Interface">The interface.</param>
/// <param name="Member">The name of the signal.</param>
/// <param name="Arguments">As busctl(1) shows them: a variant is an object of <c>type</c> and <c>data</c>, a dictionary an object.</param>
public sealed record BusSignal(long At, string Sender, string Path, string Interface, string Member, IReadOnlyList<JsonElement> Arguments)
{
    /// <summary>A line of <c>busctl --json=short monitor</c>; null if it is no signal.</summary>
    public static BusSignal? Parse(string line)
    {
        var message = JsonDocument.Parse(line).RootElement;
        if (message.GetProperty("type").GetString() != "signal")
            return null;
        return new(
            message.GetProperty("timestamp-realtime").GetInt64(),
            Text("sender"), Text("path"), Text("interface"), Text("member"),
            message.GetProperty("payload").TryGetProperty("data", out var data) ? [.. data.EnumerateArray()] : []);

        string Text(string field) => message.GetProperty(field).GetString()!;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{At} {Path} {Interface}.{Member}({string.Join(", ", Arguments.Select(a => a.GetRawText()))})";

    /// <summary>Whether a name of the bus got another owner; null or "": none.</summary>
    public bool IsOwnerChange(string name, bool owned) =>
        Member == "NameOwnerChanged" && Arguments[0].GetString() == name && !string.IsNullOrEmpty(Arguments[2].GetString()) == owned;

    /// <summary>The new value of a property in PropertiesChanged; null if it is none of those.</summary>
    public string? ChangeOf(string property) =>
        Member == "PropertiesChanged" && Arguments[1].TryGetProperty(property, out var value) ? value.GetProperty("data").ToString() : null;
}
