using System.Text;
using Mandos.BusClient;
using Mandos.Core.Audit;
using Mandos.Web.Access;
using Mandos.Web.Configuration;
using Mandos.Web.Following;
using Mandos.Web.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Mandos.Web.Serving;

/// <summary>Answers the requests of browsers.</summary>
/// <param name="settings">Host names, roles.</param>
/// <param name="mirror">The clients.</param>
/// <param name="act">Does something with a client for a person: method, client, person.</param>
/// <param name="history">Returns the latest records of the audit trail: client, number that follows, limit.</param>
/// <param name="log">Logs errors.</param>
/// <param name="time">The clock.</param>
internal sealed class PageHandler(
    WebSettings settings, ClientMirror mirror, Func<string, string, string, Task> act,
    Func<string, long, int, Task<IReadOnlyList<AuditRecord>>> history, Action<string> log, TimeProvider time)
{
    /// <summary>The longest form in bytes.</summary>
    private const int LongestForm = 4096;

    private static readonly Dictionary<string, (string Method, Role Role)> Actions = new()
    {
        ["approve"] = ("Approve", Role.Approver),
        ["deny"] = ("Deny", Role.Approver),
        ["enable"] = ("Enable", Role.Administrator),
        ["disable"] = ("Disable", Role.Administrator),
        ["remove"] = ("Remove", Role.Administrator),
    };

    private readonly People _people = new(settings.IdentityHeader ?? "", settings.Roles);
    private readonly EventStream _events = new(mirror, time);

    /// <summary>Answers a request.</summary>
    internal async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        SetHeaders(response.Headers);
        if (!RequestOrigin.IsForUs(request, settings.Hosts))
        {
            await RefuseAsync(response, StatusCodes.Status421MisdirectedRequest, null,
                "This host name is not in the setting hosts of mandos-web.conf.").ConfigureAwait(false);
            return;
        }

        if (_people.Identify(request.Headers) is not { } person)
        {
            await RefuseAsync(response, StatusCodes.Status403Forbidden, null,
                "The reverse proxy has not given the name of the person who is logged in.").ConfigureAwait(false);
            return;
        }

        if (person.Role == Role.None)
        {
            await RefuseAsync(response, StatusCodes.Status403Forbidden, person,
                $"{person.Name} has no role in mandos-web.conf.").ConfigureAwait(false);
            return;
        }

        await mirror.WaitUntilKnownAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            await AnswerAsync(context, person).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The browser has left.
        }
    }

    private async Task AnswerAsync(HttpContext context, Person person)
    {
        var (request, response) = (context.Request, context.Response);
        var path = request.Path.Value ?? "";
        if (path == "/act")
        {
            if (HttpMethods.IsPost(request.Method))
                await ActAsync(request, response, person).ConfigureAwait(false);
            else
                await RefuseMethodAsync(response, person, "POST").ConfigureAwait(false);
            return;
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            await RefuseMethodAsync(response, person, "GET, HEAD").ConfigureAwait(false);
            return;
        }

        var name = request.Query["name"].ToString();
        switch (path)
        {
            case "/":
                var query = ClientQuery.Parse(request.Query["q"], request.Query["sort"], request.Query["page"]);
                var image = mirror.Image();
                await SendAsync(response, "Clients", image, person, ClientsPage.Content(image, query, person, time.GetUtcNow()))
                    .ConfigureAwait(false);
                break;
            case "/client" when mirror.Find(name) is { } client:
                var past = new ClientPast(
                    mirror.EventsOf(name, ClientPage.MostEvents), await FindAsync(name, 0, ClientPage.MostRecords).ConfigureAwait(false));
                await SendAsync(
                    response, client.Name, mirror.Image(), person, ClientPage.Content(client, past, person, time.GetUtcNow()))
                    .ConfigureAwait(false);
                break;
            case "/audit" when person.Role >= Role.Administrator:
                var asked = AuditQuery.Parse(request.Query["client"], request.Query["before"]);
                var records = await FindAsync(asked.Client, asked.Before, AuditPage.PageLength).ConfigureAwait(false);
                await SendAsync(response, "Audit trail", mirror.Image(), person, AuditPage.Content(asked, records)).ConfigureAwait(false);
                break;
            case "/audit":
                await RefuseAsync(response, StatusCodes.Status403Forbidden, person, "The audit trail is for administrators.")
                    .ConfigureAwait(false);
                break;
            case "/remove" when mirror.Find(name) is { } client && person.Role >= Role.Administrator:
                await SendAsync(response, $"Remove {client.Name}", mirror.Image(), person, ClientPage.Question(client))
                    .ConfigureAwait(false);
                break;
            case "/events":
                await _events.ServeAsync(context, person).ConfigureAwait(false);
                break;
            case "/style.css" or "/live.js":
                await StaticFile.SendAsync(response, path[1..], context.RequestAborted).ConfigureAwait(false);
                break;
            case "/client" or "/remove":
                await RefuseAsync(response, StatusCodes.Status404NotFound, person, $"There is no client {name}.").ConfigureAwait(false);
                break;
            default:
                await RefuseAsync(response, StatusCodes.Status404NotFound, person, "There is no such page.").ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Finds records of the audit trail; null if the server does not give them, as upstream's does not.</summary>
    private async Task<IReadOnlyList<AuditRecord>?> FindAsync(string client, long before, int most)
    {
        try
        {
            return await history(client, before, most).ConfigureAwait(false);
        }
        catch (BusFailure)
        {
            return null;
        }
    }

    private async Task ActAsync(HttpRequest request, HttpResponse response, Person person)
    {
        if (!RequestOrigin.IsOurs(request))
        {
            await RefuseAsync(response, StatusCodes.Status403Forbidden, person,
                "This request does not come from a page of mandos-web.").ConfigureAwait(false);
            return;
        }

        var form = await ReadFormAsync(request).ConfigureAwait(false);
        if (form is null || !form.TryGetValue("name", out var name)
            || !Actions.TryGetValue(form.GetValueOrDefault("action", ""), out var action))
        {
            await RefuseAsync(response, StatusCodes.Status400BadRequest, person, "The form is incomplete.").ConfigureAwait(false);
            return;
        }

        if (person.Role < action.Role)
        {
            await RefuseAsync(response, StatusCodes.Status403Forbidden, person,
                $"{person.Name} may not do this.").ConfigureAwait(false);
            return;
        }

        try
        {
            await act(action.Method, name, person.Name).ConfigureAwait(false);
        }
        catch (BusFailure failure)
        {
            log($"{action.Method} of client [{name}] for {person.Name}: {failure.Message}");
            await RefuseAsync(
                response, StatusCodes.Status502BadGateway, person,
                $"Not done: {failure.Message}{(failure.Hint is null ? "" : $" (hint: {failure.Hint})")}.").ConfigureAwait(false);
            return;
        }

        // A reload of the page that follows does nothing again.
        response.StatusCode = StatusCodes.Status303SeeOther;
        response.Headers.Location = action.Method == "Remove" || action.Role == Role.Approver
            ? "/"
            : $"/client?name={Uri.EscapeDataString(name)}";
    }

    /// <summary>The fields of a form; null if it is too long or something else.</summary>
    private static async Task<Dictionary<string, string>?> ReadFormAsync(HttpRequest request)
    {
        if (request.ContentType?.Split(';')[0].Trim() != "application/x-www-form-urlencoded")
            return null;
        var bytes = new byte[LongestForm + 1];
        var length = 0;
        while (length < bytes.Length)
        {
            var count = await request.Body.ReadAsync(bytes.AsMemory(length), request.HttpContext.RequestAborted).ConfigureAwait(false);
            if (count == 0)
                break;
            length += count;
        }

        return length > LongestForm
            ? null
            : QueryHelpers.ParseQuery(Encoding.UTF8.GetString(bytes, 0, length))
                .ToDictionary(field => field.Key, field => field.Value.ToString());
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
                + "frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    private Task RefuseMethodAsync(HttpResponse response, Person person, string allowed)
    {
        response.Headers.Allow = allowed;
        return RefuseAsync(response, StatusCodes.Status405MethodNotAllowed, person, "This address has no such method.");
    }

    private Task RefuseAsync(HttpResponse response, int status, Person? person, string reason)
    {
        response.StatusCode = status;
        // Without a person, nothing about the clients is shown.
        var image = person is null || person.Role == Role.None ? new MirrorImage(HasServer: false, [], "not logged in") : mirror.Image();
        return SendAsync(
            response, "Error", image, person, new Html().Add($"<h1>Error</h1>\n<p class=\"notice\">{reason}</p>\n<p><a href=\"/\">All clients</a></p>\n"));
    }

    private static async Task SendAsync(HttpResponse response, string title, MirrorImage image, Person? person, Html content)
    {
        var bytes = Encoding.UTF8.GetBytes(PageFrame.Of(title, image, person, content));
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
            await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted).ConfigureAwait(false);
    }
}
