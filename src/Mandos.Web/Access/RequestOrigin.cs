using Microsoft.AspNetCore.Http;

namespace Mandos.Web.Access;

/// <summary>Whether a request may be answered, by what browsers say about where it comes from.</summary>
internal static class RequestOrigin
{
    /// <summary>
    /// Whether the request is for one of these host names. A name of an attacker's that resolves to us (DNS rebinding) is not among them.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="hosts">The names, with the port if it is not the usual one.</param>
    internal static bool IsForUs(HttpRequest request, IReadOnlyCollection<string> hosts) =>
        hosts.Contains(request.Host.Value ?? "", StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a request that changes something was made by one of our own pages: browsers say so in <c>Sec-Fetch-Site</c>, older ones only
    /// in <c>Origin</c>. A request without either is not made by a browser of today, and is refused.
    /// </summary>
    internal static bool IsOurs(HttpRequest request)
    {
        var headers = request.Headers;
        if (headers.TryGetValue("Sec-Fetch-Site", out var site) && site.Count > 0)
            return site.Count == 1 && site[0] == "same-origin";
        return headers.Origin is [{ } origin] && Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
