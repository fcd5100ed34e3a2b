using System.Globalization;
using Mandos.BusClient;

namespace Mandos.Web.Pages;

/// <summary>Which clients a person wants to see, in which order.</summary>
/// <param name="Text">A part of the name, the host or the state; empty for all.</param>
/// <param name="Order">name, expires, last-check or state.</param>
/// <param name="Page">The number of the page, from 1.</param>
internal sealed record ClientQuery(string Text, string Order, int Page)
{
    private const int LongestText = 255, MostPages = 1_000_000;

    /// <summary>Reads the query of an address; what is invalid has its usual value.</summary>
    internal static ClientQuery Parse(string? text, string? order, string? page) => new(
        text is { Length: <= LongestText } ? text : "",
        order is "expires" or "last-check" or "state" ? order : "name",
        int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= MostPages ? number : 1);

    /// <summary>The clients that are meant, in their order.</summary>
    internal IReadOnlyList<ClientState> Of(IEnumerable<ClientState> clients) =>
    [
        .. clients.Where(IsMeant).Select(client => (Key: KeyOf(client), Client: client)).OrderBy(client => client.Key)
            .ThenBy(client => client.Client.Name, StringComparer.Ordinal).Select(client => client.Client),
    ];

    private bool IsMeant(ClientState client) => Text.Length == 0
        || client.Name.Contains(Text, StringComparison.OrdinalIgnoreCase)
        || client.Text("Host").Contains(Text, StringComparison.OrdinalIgnoreCase)
        || client.Status().Word().Contains(Text, StringComparison.OrdinalIgnoreCase);

    private long KeyOf(ClientState client) => Order switch
    {
        "expires" => (client.Flag("Enabled") ? client.Time("Expires") ?? DateTimeOffset.MaxValue : DateTimeOffset.MaxValue).UtcTicks,
        "last-check" => client.Time("LastCheckedOK")?.UtcTicks ?? 0,
        "state" => client.Status() switch
        {
            ClientStatus.Pending => 0,
            ClientStatus.Failing => 1,
            ClientStatus.Disabled => 2,
            _ => 3,
        },
        _ => 0,
    };
}
