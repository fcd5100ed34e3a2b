using System.Text.Json;
using Mandos.BusClient;

namespace Mandos.Control.Tests;

/// <summary>Clients as a server reports them.</summary>
internal static class Clients
{
    /// <summary>Those of upstream's recorded JSON.</summary>
    internal static IReadOnlyList<ClientState> Recorded()
    {
        using var recorded = JsonDocument.Parse(Golden.Text("ctl/dump-json.txt"));
        return
        [
            .. recorded.RootElement.EnumerateObject().Select(client => new ClientState(
                "/clients/" + client.Name.Replace('.', '_').Replace('-', '_'),
                client.Value.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.ValueKind switch
                {
                    JsonValueKind.True => true,
                    JsonValueKind.False => false,
                    JsonValueKind.Number => (object)property.Value.GetInt64(),
                    _ => property.Value.GetString()!,
                }))),
        ];
    }

    /// <summary>One with these properties.</summary>
    internal static ClientState With(string name, params (string Property, object Value)[] properties) => new(
        $"/clients/{name}",
        properties.Append(("Name", name)).ToDictionary(property => property.Item1, property => property.Item2));
}
