using Microsoft.AspNetCore.Http;

namespace Mandos.Web.Serving;

/// <summary>The style and the script of the pages, which are in the program.</summary>
internal static class StaticFile
{
    /// <summary>Sends one of them.</summary>
    internal static async Task SendAsync(HttpResponse response, string name, CancellationToken cancellationToken)
    {
        var bytes = Read(name);
        var type = name.EndsWith(".css", StringComparison.Ordinal) ? "css" : "javascript";
        response.ContentType = $"text/{type}; charset=utf-8";
        response.ContentLength = bytes.Length;
        // After an upgrade of the program the next page has the new files.
        response.Headers.CacheControl = "no-cache";
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
            await response.Body.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The content of one of them.</summary>
    internal static byte[] Read(string name)
    {
        using var stream = typeof(StaticFile).Assembly.GetManifestResourceStream(name)
            ?? throw new ArgumentException($"no file {name}", nameof(name));
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
