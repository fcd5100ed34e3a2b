using System.Globalization;
using Mandos.Core.Audit;

namespace Mandos.Web.Pages;

/// <summary>The latest records of the server's audit trail.</summary>
internal static class AuditPage
{
    /// <summary>How many records a page lists.</summary>
    internal const int PageLength = 100;

    /// <summary>The content.</summary>
    /// <param name="query">Which records.</param>
    /// <param name="records">The records, the latest first; null if the server does not give them.</param>
    internal static Html Content(AuditQuery query, IReadOnlyList<AuditRecord>? records)
    {
        var page = new Html().Add(
            $"""
            <h1>Audit trail</h1>
            <form class="find" method="get" action="/audit" role="search">
            <label>Client <input type="search" name="client" value="{query.Client}"></label>
            <button>Show</button>
            </form>
            {Table(records, withClient: true)}
            """);
        if (records is null)
            return page;
        if (records.Count == PageLength)
            page.Add($"<nav aria-label=\"Pages\"><a href=\"{query.Address(records[^1].Number)}\">Earlier</a></nav>\n");
        return page.Add($"<p>The server keeps the last 2,000 records in memory. All of them: <code>mandos-ctl audit show</code>; to find changes: <code>mandos-ctl audit verify</code>.</p>\n");
    }

    /// <summary>A table of records.</summary>
    /// <param name="records">The records; null if the server does not give them.</param>
    /// <param name="withClient">Whether they are about several clients, whose pages are linked.</param>
    internal static Html Table(IReadOnlyList<AuditRecord>? records, bool withClient)
    {
        if (records is null)
            return new Html().Add($"<p class=\"notice\">The audit trail of this server cannot be read.</p>\n");
        if (records.Count == 0)
            return new Html().Add($"<p>No records.</p>\n");
        var client = new Html();
        if (withClient)
            client.Add($"<th scope=\"col\">Client</th>");
        var table = new Html().Add(
            $"""
            <table class="list">
            <thead><tr><th scope="col">Time</th>{client}<th scope="col">Event</th><th scope="col">What happened</th></tr></thead>
            <tbody>

            """);
        foreach (var record in records)
        {
            client = new Html();
            if (withClient && record.Field("client") is { } name)
                client.Add($"<td data-label=\"Client\"><a href=\"/client?name={Uri.EscapeDataString(name)}\">{name}</a></td>");
            else if (withClient)
                client.Add($"<td data-label=\"Client\"></td>");
            table.Add(
                $"""
                <tr><td data-label="Time">{ClientWords.At(record.Time)}</td>{client}<td data-label="Event">{record.Event}</td><td data-label="What">{Text(record)}</td></tr>

                """);
        }

        return table.Add($"</tbody>\n</table>\n");
    }

    /// <summary>The text without the name of the client, which the page shows anyway.</summary>
    private static string Text(AuditRecord record) =>
        record.Field("client") is { } name && $"client [{name}]: " is var prefix && record.Text.StartsWith(prefix, StringComparison.Ordinal)
            ? record.Text[prefix.Length..]
            : record.Text;
}

/// <summary>Which records a person wants to see.</summary>
/// <param name="Client">Those about this client; empty for all.</param>
/// <param name="Before">Those with a lower number; 0 for the latest.</param>
internal sealed record AuditQuery(string Client, long Before)
{
    private const int LongestName = 255;

    /// <summary>Reads the query of an address; what is invalid is as if it were missing.</summary>
    internal static AuditQuery Parse(string? client, string? before) => new(
        client is { Length: <= LongestName } ? client.Trim() : "",
        long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);

    /// <summary>The address of the page of earlier records.</summary>
    internal string Address(long before) =>
        string.Create(CultureInfo.InvariantCulture, $"/audit?client={Uri.EscapeDataString(Client)}&before={before}");
}
