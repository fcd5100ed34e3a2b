using Mandos.BusClient;
using Mandos.Core.Audit;
using Mandos.Web.Access;
using Mandos.Web.Following;

namespace Mandos.Web.Pages;

/// <summary>Everything about one client, and what can be done with it.</summary>
internal static class ClientPage
{
    /// <summary>How many events are shown.</summary>
    internal const int MostEvents = 50;

    /// <summary>How many records of the audit trail are shown.</summary>
    internal const int MostRecords = 50;

    /// <summary>The content.</summary>
    internal static Html Content(ClientState client, ClientPast past, Person person, DateTimeOffset now)
    {
        var page = new Html().Add($"<h1>{client.Name}</h1>\n<p>{ClientWords.State(client)}</p>\n{Actions(client, person)}");
        page.Add($"<h2>Facts</h2>\n<table>\n");
        foreach (var (name, value) in Facts(client, person, now))
            page.Add($"<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>\n");
        page.Add($"</table>\n<h2>What happened lately</h2>\n");
        if (past.Events.Count == 0)
            page.Add($"<p>Nothing since these pages are served.</p>\n");
        else
            page.Add($"<table>\n");
        foreach (var one in past.Events)
            page.Add($"<tr><th scope=\"row\">{ClientWords.At(one.At)}</th><td>{one.Text}</td></tr>\n");
        if (past.Events.Count > 0)
            page.Add($"</table>\n");
        return page.Add($"<h2>Audit trail</h2>\n{AuditPage.Table(past.Records, withClient: false)}");
    }

    /// <summary>The question before a client is removed.</summary>
    internal static Html Question(ClientState client) => new Html().Add(
        $"""
        <h1>Remove {client.Name}?</h1>
        <p>The client does not get its password any more. If it is in the configuration of the server, it comes back only after the server has
        started once without its section.</p>
        <form method="post" action="/act" data-steady>
        <input type="hidden" name="name" value="{client.Name}">
        <button class="no" name="action" value="remove">Remove</button>
        <a class="button" href="/client?name={Uri.EscapeDataString(client.Name)}">Keep</a>
        </form>

        """);

    private static Html Actions(ClientState client, Person person)
    {
        var acts = new Html();
        if (person.Role >= Role.Approver)
            acts.Add($"{ClientWords.Button(client, "approve", "Approve", "yes")}{ClientWords.Button(client, "deny", "Deny", "no")}");
        if (person.Role >= Role.Administrator)
        {
            var (action, label) = client.Flag("Enabled") ? ("disable", "Disable") : ("enable", "Enable");
            acts.Add($"{ClientWords.Button(client, action, label)}");
            acts.Add($"<a class=\"button\" href=\"/remove?name={Uri.EscapeDataString(client.Name)}\">Remove…</a>");
        }

        return new Html().Add($"<div class=\"acts\">{acts}</div>\n");
    }

    private static IEnumerable<(string Name, Html Value)> Facts(ClientState client, Person person, DateTimeOffset now)
    {
        yield return ("Host", Text(client.Text("Host")));
        yield return ("Disabled in", ClientWords.Until(client.Flag("Enabled") ? client.Time("Expires") : null, now));
        yield return ("Last successful check", ClientWords.At(client.Time("LastCheckedOK")));
        yield return ("Last check", Text(ClientWords.LastCheck(client)));
        yield return ("Last enabled", ClientWords.At(client.Time("LastEnabled")));
        yield return ("Last request for approval", ClientWords.At(client.Time("LastApprovalRequest")));
        yield return ("Needs approval", Text(client.Span("ApprovalDelay") > TimeSpan.Zero
            ? $"yes: {Moments.Rough(client.Span("ApprovalDelay"))}, then {(client.Flag("ApprovedByDefault") ? "approved" : "denied")}"
            : "no"));
        yield return ("Timeout", Text(Moments.Rough(client.Span("Timeout"))));
        yield return ("Timeout after a delivery", Text(Moments.Rough(client.Span("ExtendedTimeout"))));
        yield return ("Interval of checks", Text(Moments.Rough(client.Span("Interval"))));
        yield return ("Passwords sent", Text(FormattableString.Invariant($"{client.Number("SecretsGiven")}")));
        yield return ("Created", ClientWords.At(client.Time("Created")));
        yield return ("Key ID", Text(client.Text("KeyID")));
        yield return ("Fingerprint", Text(client.Text("Fingerprint")));
        // A command may contain what only administrators may know.
        if (person.Role >= Role.Administrator)
            yield return ("Checker", Text(client.Text("Checker")));
    }

    private static Html Text(string text) => new Html().Add($"{text}");
}

/// <summary>What happened to a client.</summary>
/// <param name="Events">What the server signalled since these pages are served, the latest first.</param>
/// <param name="Records">The latest records of the audit trail; null if the server does not give them.</param>
internal sealed record ClientPast(IReadOnlyList<ClientEvent> Events, IReadOnlyList<AuditRecord>? Records);
