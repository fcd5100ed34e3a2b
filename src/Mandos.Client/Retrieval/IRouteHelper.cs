using System.Net;

namespace Mandos.Client.Retrieval;

/// <summary>Requests routes to single hosts from the supervisor.</summary>
internal interface IRouteHelper
{
    /// <summary>Requests a route directly on the link. Returns a number for <see cref="Remove"/>; 0 if there is none.</summary>
    Task<int> AddAsync(IPAddress host, int interfaceIndex, CancellationToken cancellationToken);

    /// <summary>Releases a route.</summary>
    void Remove(int route);
}
