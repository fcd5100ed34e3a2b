using Microsoft.AspNetCore.Http;

namespace Mandos.Web.Access;

/// <summary>Who a request comes from, by the header of a reverse proxy that has authenticated the person.</summary>
/// <remarks>
/// Only the proxy can connect, because the pages are served on a Unix socket with the permissions of its group; so the header is as
/// trustworthy as the proxy, which must remove the header from the requests of its own clients.
/// </remarks>
/// <param name="header">The name of the header.</param>
/// <param name="roles">Roles by names; <c>*</c> stands for everyone else.</param>
internal sealed class People(string header, IReadOnlyDictionary<string, Role> roles)
{
    /// <summary>The name that stands for everyone who has no role of their own.</summary>
    internal const string Others = "*";

    /// <summary>As the server accepts it for its log.</summary>
    private const int LongestName = 128;

    /// <summary>The person; null if the header is missing, given twice, or no valid name.</summary>
    internal Person? Identify(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(header, out var values) || values.Count != 1
            || values[0] is not { Length: > 0 and <= LongestName } name || name.Any(char.IsControl) || name == Others)
            return null;
        return new(name, roles.GetValueOrDefault(name, roles.GetValueOrDefault(Others)));
    }
}
