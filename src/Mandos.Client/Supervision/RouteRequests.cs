using System.Net;
using Mandos.Client.Network;
using Mandos.Client.ProcessBoundary;

namespace Mandos.Client.Supervision;

/// <summary>
/// Carries out the only requests that the network process may make: routes to single hosts, directly on a chosen interface. All others are
/// refused.
/// </summary>
/// <param name="isChosen">Whether the interface may be used.</param>
/// <param name="add">Adds a route; false if it was not added.</param>
/// <param name="remove">Removes a route that was added.</param>
/// <param name="answer">Sends the answers.</param>
internal sealed class RouteRequests(
    Func<int, bool> isChosen, Func<IPAddress, int, bool> add, Action<IPAddress, int> remove, Action<ControlMessage> answer)
{
    /// <summary>More than the parallel attempts, because several may need the same route.</summary>
    internal const int MostRequests = 256;

    private readonly Dictionary<int, (IPAddress Host, int InterfaceIndex)> _added = [];

    /// <summary>Handles one message of the network process. Not thread-safe.</summary>
    internal void Handle(ControlMessage message)
    {
        switch (message)
        {
            case { Kind: ControlKind.AddRoute, Address: { } host }:
                var added = _added.Count < MostRequests
                    && !_added.ContainsKey(message.Request)
                    && isChosen(message.InterfaceIndex)
                    && HostRoutes.MayHelp(host)
                    && add(host, message.InterfaceIndex);
                if (added)
                    _added.Add(message.Request, (host, message.InterfaceIndex));
                answer(new ControlMessage(ControlKind.RouteAnswer, message.Request, Flag: added));
                break;
            case { Kind: ControlKind.RemoveRoute } when _added.Remove(message.Request, out var route):
                remove(route.Host, route.InterfaceIndex);
                break;
        }
    }

    /// <summary>Removes all routes that were added, when the process that requested them has exited.</summary>
    internal void RemoveAll()
    {
        foreach (var (host, interfaceIndex) in _added.Values)
            remove(host, interfaceIndex);
        _added.Clear();
    }
}
