using System.Net;

namespace Mandos.Client.Retrieval;

/// <summary>Gets routes to single hosts from the supervisor.</summary>
internal interface IRouteHelper
{
    /// <summary>Asks for a route directly on the link. The result is a number for <see cref="Remove"/>; 0 if there is none.</summary>
    Task<int> AddAsync(IPAddress host, int interfaceIndex, CancellationToken cancellationToken);

    /// <summary>Gives it back.</summary>
    void Remove(int route);
}
