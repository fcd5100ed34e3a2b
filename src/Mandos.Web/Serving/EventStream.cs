using System.Globalization;
using System.Text;
using Mandos.Web.Access;
using Mandos.Web.Following;
using Microsoft.AspNetCore.Http;

namespace Mandos.Web.Serving;

/// <summary>
/// Server-sent events (HTML Living Standard, 9.2): one for each change of the clients, which the page then fetches. Changes within a short
/// time are one event, and details that each check changes wait longer.
/// </summary>
internal sealed class EventStream(ClientMirror mirror, TimeProvider time)
{
    /// <summary>How many streams may be open, and how many of one person.</summary>
    internal const int Most = 200, MostOfOne = 16;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// So often a page learns of details; without any, a comment is sent, so that no proxy considers the stream dead.
    /// </summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, int> _open = [];

    /// <summary>Sends events until the browser leaves.</summary>
    internal async Task ServeAsync(HttpContext context, Person person)
    {
        if (!TryEnter(person.Name))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "10";
            return;
        }

        try
        {
            context.Response.ContentType = "text/event-stream";
            // nginx would collect the events.
            context.Response.Headers["X-Accel-Buffering"] = "no";
            if (!HttpMethods.IsHead(context.Request.Method))
                await SendAsync(context.Response, context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            Leave(person.Name);
        }
    }

    private async Task SendAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        // The page may have been made before a change that its stream does not see.
        var version = -1L;
        var details = mirror.DetailVersion;
        while (true)
        {
            var (before, detailsBefore) = (version, details);
            try
            {
                var change = mirror.WaitAsync(version, cancellationToken);
                version = await change.WaitAsync(Silence, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // At most details have changed.
            }

            details = mirror.DetailVersion;
            var text = (version, details) == (before, detailsBefore)
                ? ":\n\n"
                : string.Create(CultureInfo.InvariantCulture, $"id: {version}\ndata: changed\n\n");
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
            await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool TryEnter(string person)
    {
        lock (_open)
        {
            var ofOne = _open.GetValueOrDefault(person);
            if (ofOne >= MostOfOne || _open.Values.Sum() >= Most)
                return false;
            _open[person] = ofOne + 1;
            return true;
        }
    }

    private void Leave(string person)
    {
        lock (_open)
        {
            if (--_open[person] == 0)
                _open.Remove(person);
        }
    }
}
