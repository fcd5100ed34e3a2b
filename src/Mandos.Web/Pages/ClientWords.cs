using System.Globalization;
using Mandos.BusClient;

namespace Mandos.Web.Pages;

/// <summary>Parts of pages that show a client.</summary>
internal static class ClientWords
{
    /// <summary>A link to the page of a client.</summary>
    internal static Html Link(ClientState client) =>
        new Html().Add($"""<a href="/client?name={Uri.EscapeDataString(client.Name)}">{client.Name}</a>""");

    /// <summary>The state in a word, with its colour.</summary>
    internal static Html State(ClientState client)
    {
        var word = client.Status().Word();
        return new Html().Add($"""<span class="{word}">{word}</span>""");
    }

    /// <summary>The time until a moment, which the script counts down.</summary>
    internal static Html Until(DateTimeOffset? end, DateTimeOffset now) => end is { } moment
        ? new Html().Add($"""<time data-until datetime="{Machine(moment)}">{Moments.Rough(moment - now)}</time>""")
        : new Html().Add($"-");

    /// <summary>A moment, in UTC.</summary>
    internal static Html At(DateTimeOffset? time) => time is { } moment
        ? new Html().Add($"""<time datetime="{Machine(moment)}">{Machine(moment).Replace('T', ' ')}</time>""")
        : new Html().Add($"never");

    /// <summary>The last check in words.</summary>
    internal static string LastCheck(ClientState client) => client.Number("LastCheckerStatus") switch
    {
        0 => "succeeded",
        -1 => "was killed or could not be started",
        -2 => "no check yet",
        var code => FormattableString.Invariant($"failed with exit code {code}"),
    };

    /// <summary>A button that does something with a client.</summary>
    internal static Html Button(ClientState client, string action, string label, string style = "") => new Html().Add(
        $"""
        <form method="post" action="/act">
        <input type="hidden" name="name" value="{client.Name}">
        <button id="{action}-{client.Path}" class="{style}" name="action" value="{action}">{label} <span class="skip">{client.Name}</span></button>
        </form>

        """);

    private static string Machine(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
