using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Control.Hosting;
using Mandos.Core.Text;

namespace Mandos.Control.Listing;

/// <summary>Chooses clients by their names.</summary>
internal static class Selection
{
    /// <summary>Returns the named clients in the order of the names, or all of them if no name is given.</summary>
    /// <exception cref="ControlFailure">A client does not exist.</exception>
    internal static IReadOnlyList<ClientState> Of(IReadOnlyList<ClientState> clients, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return clients;
        var byName = new Dictionary<string, ClientState>();
        foreach (var client in clients)
            byName.TryAdd(client.Name, client);
        var selected = new List<ClientState>();
        foreach (var name in names)
        {
            if (!byName.TryGetValue(name, out var client))
                throw new ControlFailure(
                    $"no client has the name '{PrintableText.Of(name)}'{SpellingHint.Hint(name, byName.Keys)}",
                    "'mandos-ctl' without arguments lists all clients");
            selected.Add(client);
        }

        return selected;
    }
}
