using Mandos.BusClient;
using Mandos.Web.Access;
using Mandos.Web.Following;

namespace Mandos.Web.Pages;

/// <summary>What waits for a decision, and all clients.</summary>
internal static class ClientsPage
{
    /// <summary>How many clients a page lists.</summary>
    private const int PageLength = 100;

    private static readonly (string Value, string Label)[] Orders =
        [("name", "Name"), ("expires", "Disabled in"), ("last-check", "Last check"), ("state", "State")];

    /// <summary>The content.</summary>
    /// <param name="image">The clients.</param>
    /// <param name="query">What is searched for, the order and the number of the page.</param>
    /// <param name="person">Who looks.</param>
    /// <param name="now">The current time.</param>
    internal static Html Content(MirrorImage image, ClientQuery query, Person person, DateTimeOffset now)
    {
        var page = new Html();
        AddWaiting(page, image, person, now);
        page.Add($"<h1>Clients</h1>\n").Add($"{Form(query)}");
        var found = query.Of(image.Clients);
        if (found.Count == 0)
            return page.Add($"<p>{(image.Clients.Count == 0 ? "The server has no clients." : "No client matches.")}</p>\n");
        var pages = (found.Count + PageLength - 1) / PageLength;
        var number = Math.Min(query.Page, pages);
        page.Add(
            $"""
            <table class="list">
            <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Disabled in</th><th scope="col">Last successful check</th><th scope="col">Host</th></tr></thead>
            <tbody>

            """);
        foreach (var client in found.Skip((number - 1) * PageLength).Take(PageLength))
        {
            var end = client.Flag("Enabled") ? client.Time("Expires") : null;
            page.Add(
                $"""
                <tr><td data-label="Name">{ClientWords.Link(client)}</td><td data-label="State">{ClientWords.State(client)}</td><td data-label="Disabled in">{ClientWords.Until(end, now)}</td><td data-label="Last check">{ClientWords.At(client.Time("LastCheckedOK"))}</td><td data-label="Host">{client.Text("Host")}</td></tr>

                """);
        }

        page.Add($"</tbody>\n</table>\n");
        if (pages > 1)
            page.Add($"<nav aria-label=\"Pages\">{Turn(query, number - 1, pages, "Previous")} Page {number} of {pages} {Turn(query, number + 1, pages, "Next")}</nav>\n");
        return page;
    }

    private static void AddWaiting(Html page, MirrorImage image, Person person, DateTimeOffset now)
    {
        var waiting = image.Clients.Where(client => client.Status() == ClientStatus.Pending)
            .OrderBy(client => client.Decides() ?? DateTimeOffset.MaxValue).ToList();
        if (waiting.Count == 0)
            return;
        page.Add($"<h1>Waiting for a decision</h1>\n<ul class=\"waiting\">\n");
        foreach (var client in waiting)
        {
            var outcome = client.Flag("ApprovedByDefault") ? "approved" : "denied";
            page.Add(
                $"""
                <li><strong>{ClientWords.Link(client)}</strong>
                <div>{outcome} in {ClientWords.Until(client.Decides(), now)} without a decision</div>
                <div>Host {client.Text("Host")}; asked {ClientWords.At(client.Time("LastApprovalRequest"))}; last successful check {ClientWords.At(client.Time("LastCheckedOK"))}</div>

                """);
            if (person.Role >= Role.Approver)
                page.Add($"<div class=\"acts\">{ClientWords.Button(client, "approve", "Approve", "yes")}{ClientWords.Button(client, "deny", "Deny", "no")}</div>\n");
            page.Add($"</li>\n");
        }

        page.Add($"</ul>\n");
    }

    private static Html Form(ClientQuery query)
    {
        var options = new Html();
        foreach (var (value, label) in Orders)
        {
            var selected = new Html();
            if (value == query.Order)
                selected.Add($" selected");
            options.Add($"<option value=\"{value}\"{selected}>{label}</option>");
        }

        return new Html().Add(
            $"""
            <form class="find" method="get" action="/" role="search">
            <label>Name, host or state <input type="search" name="q" value="{query.Text}"></label>
            <label>Sort by <select name="sort">{options}</select></label>
            <button>Show</button>
            </form>

            """);
    }

    private static Html Turn(ClientQuery query, int page, int pages, string label) => page < 1 || page > pages
        ? new Html()
        : new Html().Add(
            $"""<a href="/?q={Uri.EscapeDataString(query.Text)}&amp;sort={Uri.EscapeDataString(query.Order)}&amp;page={page}">{label}</a>""");
}
