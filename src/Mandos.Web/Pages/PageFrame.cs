using Mandos.BusClient;
using Mandos.Web.Access;
using Mandos.Web.Following;

namespace Mandos.Web.Pages;

/// <summary>What all pages have around them.</summary>
internal static class PageFrame
{
    /// <summary>A whole page.</summary>
    /// <param name="title">The title, without the name of the program.</param>
    /// <param name="image">The clients, for the line at the top.</param>
    /// <param name="person">Who is logged in; null for a page without a login.</param>
    /// <param name="content">The content of the page.</param>
    internal static string Of(string title, MirrorImage image, Person? person, Html content) => new Html().Add(
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title} - Mandos</title>
        <link rel="stylesheet" href="/style.css">
        <script src="/live.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
        <a href="/">Mandos</a>
        <span role="status">{Summary(image)}</span>
        {Links(person)}
        </header>
        <main id="content">
        {content}
        </main>
        <footer>{(person is null ? "" : $"Logged in as {person.Name} ({Word(person.Role)}).")}</footer>
        </body>
        </html>

        """).ToString();

    private static Html Links(Person? person) =>
        person?.Role >= Role.Administrator ? new Html().Add($"<a href=\"/audit\">Audit trail</a>") : new Html();

    /// <summary>The role in a word.</summary>
    private static string Word(Role role) => role switch
    {
        Role.Viewer => "viewer",
        Role.Approver => "approver",
        Role.Administrator => "administrator",
        _ => "no role",
    };

    private static string Summary(MirrorImage image)
    {
        if (image.Failure is { } failure)
            return failure;
        if (!image.HasServer)
            return "no Mandos server is running";
        var counts = image.Clients.CountBy(client => client.Status()).ToDictionary();
        return string.Join(", ", Enum.GetValues<ClientStatus>()
            .Where(state => counts.ContainsKey(state) || state == ClientStatus.Enabled)
            .Select(state => FormattableString.Invariant($"{counts.GetValueOrDefault(state)} {state.Word()}")));
    }
}
