using System.Text;
using Mandos.BusClient;
using Mandos.Web.Following;
using Mandos.Web.Metrics;
using Microsoft.AspNetCore.Http;

namespace Mandos.Web.Serving;

/// <summary>Answers <c>/metrics</c> and <c>/healthz</c>, without a login.</summary>
/// <param name="mirror">The clients.</param>
/// <param name="call">Calls the server.</param>
/// <param name="time">The clock.</param>
internal sealed class MetricsHandler(ClientMirror mirror, Func<Func<ServerConnection, Task>, Task> call, TimeProvider time)
{
    /// <summary>Answers a request.</summary>
    internal async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return;
        }

        await mirror.WaitUntilKnownAsync(context.RequestAborted).ConfigureAwait(false);
        switch (request.Path.Value)
        {
            case "/metrics":
                await SendAsync(response, OpenMetrics.ContentType, await TextAsync(context.RequestAborted).ConfigureAwait(false))
                    .ConfigureAwait(false);
                break;
            case "/healthz":
                var image = mirror.Image();
                if (!image.HasServer)
                    response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await SendAsync(
                    response, "text/plain; charset=utf-8",
                    image.HasServer ? "ok\n" : $"{image.Failure ?? "no Mandos server is on the system bus"}\n").ConfigureAwait(false);
                break;
            default:
                response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private async Task<string> TextAsync(CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, ulong>? counters = null;
        string? version = null;
        try
        {
            await call(async server =>
            {
                counters = await server.StatisticsAsync(cancellationToken).ConfigureAwait(false);
                var properties = await server.ServerPropertiesAsync(cancellationToken).ConfigureAwait(false);
                version = properties.GetValueOrDefault("Version") as string;
            }).ConfigureAwait(false);
        }
        catch (BusFailure)
        {
            // Upstream's server has no counters, and one that is away has nothing: mandos_up says so.
        }

        return ServerMetrics.Text(mirror.Image(), counters, version, time.GetUtcNow());
    }

    private static async Task SendAsync(HttpResponse response, string type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        response.ContentType = type;
        response.ContentLength = bytes.Length;
        response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
            await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted).ConfigureAwait(false);
    }
}
