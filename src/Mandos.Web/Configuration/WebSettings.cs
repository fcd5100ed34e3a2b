using System.Net;
using Mandos.Web.Access;

namespace Mandos.Web.Configuration;

/// <summary>The settings of mandos-web.</summary>
internal sealed record WebSettings
{
    internal const string DefaultFile = "/etc/mandos/mandos-web.conf";

    /// <summary>The Unix socket of the pages; only used if no service manager passes one.</summary>
    internal string Socket { get; init; } = "/run/mandos-web/pages.sock";

    /// <summary>Where the metrics are served without a login; only used if no service manager passes a socket.</summary>
    internal IReadOnlyList<IPEndPoint> Metrics { get; init; } = [];

    /// <summary>The host names that people use in their browsers, with the port if it is not the usual one.</summary>
    internal IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The header in which the reverse proxy gives the name of the person; null if no pages are served.</summary>
    internal string? IdentityHeader { get; init; }

    /// <summary>Roles by the names of people.</summary>
    internal IReadOnlyDictionary<string, Role> Roles { get; init; } = new Dictionary<string, Role>();
}
