using System.Net;
using System.Text;
using Mandos.BusClient;
using Mandos.Core.Audit;
using Mandos.Web.Access;
using Mandos.Web.Configuration;
using Mandos.Web.Following;
using Mandos.Web.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Web.Tests;

/// <summary>The pages without a network: requests as a proxy passes them on, and what the server was asked to do.</summary>
internal sealed class Browser
{
    internal const string Host = "mandos.example";

    private readonly PageHandler _handler;

    internal Browser()
    {
        Time = new(Clients.Now);
        Mirror = new(Time);
        Mirror.Load(null);
        var settings = new WebSettings
        {
            Hosts = [Host],
            IdentityHeader = "Remote-User",
            Roles = new Dictionary<string, Role>
            {
                ["vera"] = Role.Viewer,
                ["axel"] = Role.Approver,
                ["anna"] = Role.Administrator,
            },
        };
        _handler = new(settings, Mirror, Act, HistoryAsync, Log.Add, Time);
    }

    internal FakeTimeProvider Time { get; }

    internal ClientMirror Mirror { get; }

    /// <summary>What the server was asked to do.</summary>
    internal List<string> Done { get; } = [];

    internal List<string> Log { get; } = [];

    /// <summary>The audit trail of the server, the latest record first.</summary>
    internal List<AuditRecord> Records { get; } = [];

    /// <summary>The failure of the server; null if it does what it is asked to.</summary>
    internal BusFailure? Failure { get; set; }

    internal Task<Answer> GetAsync(string path, string? person = "vera", string host = Host, string method = "GET") =>
        SendAsync(context =>
        {
            context.Request.Method = method;
            SetAddress(context.Request, path, host);
            if (person is not null)
                context.Request.Headers["Remote-User"] = person;
        });

    internal Task<Answer> PostAsync(
        string form, string person = "anna", string? site = "same-origin", string? origin = null,
        string type = "application/x-www-form-urlencoded") =>
        SendAsync(context =>
        {
            context.Request.Method = "POST";
            SetAddress(context.Request, "/act", Host);
            context.Request.Headers["Remote-User"] = person;
            context.Request.ContentType = type;
            context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(form));
            if (site is not null)
                context.Request.Headers["Sec-Fetch-Site"] = site;
            if (origin is not null)
                context.Request.Headers.Origin = origin;
        });

    internal async Task<Answer> SendAsync(Action<HttpContext> prepare)
    {
        var context = new DefaultHttpContext();
        var body = new MemoryStream();
        context.Response.Body = body;
        prepare(context);
        await _handler.HandleAsync(context);
        return new((HttpStatusCode)context.Response.StatusCode, context.Response.Headers, Encoding.UTF8.GetString(body.ToArray()));
    }

    internal Task HandleAsync(HttpContext context) => _handler.HandleAsync(context);

    internal static void SetAddress(HttpRequest request, string address, string host)
    {
        var parts = address.Split('?', 2);
        request.Path = parts[0];
        request.QueryString = new(parts.Length > 1 ? $"?{parts[1]}" : "");
        request.Host = new(host);
    }

    private Task<IReadOnlyList<AuditRecord>> HistoryAsync(string client, long before, int most) => Failure is null
        ? Task.FromResult<IReadOnlyList<AuditRecord>>(
            [
                .. Records.Where(one => client.Length == 0 || one.Field("client") == client)
                    .Where(one => before == 0 || one.Number < before).Take(most),
            ])
        : Task.FromException<IReadOnlyList<AuditRecord>>(Failure);

    private Task Act(string method, string client, string person)
    {
        Done.Add($"{method} {client} for {person}");
        return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
    }
}

/// <summary>What a browser gets.</summary>
internal sealed record Answer(HttpStatusCode Status, IHeaderDictionary Headers, string Body);
