using System.Diagnostics.CodeAnalysis;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Objects;

/// <summary>
/// All clients as they have been signalled on the bus so far, in table order. A reader sees a change exactly when its signals have been
/// sent. Not thread-safe.
/// </summary>
internal sealed class ClientObjects(ClientPaths paths)
{
    private readonly OrderedDictionary<string, ClientObject> _byName = [];
    private readonly Dictionary<string, ClientObject> _byPath = [];

    /// <summary>All current client objects.</summary>
    internal ClientObject[] All => [.. _byName.Values];

    /// <summary>The number of client objects.</summary>
    internal int Count => _byName.Count;

    /// <summary>The number of secrets delivered to the current clients.</summary>
    internal ulong SecretsGiven { get; private set; }

    /// <summary>Finds a client by its name.</summary>
    internal bool TryFind(string name, [NotNullWhen(true)] out ClientObject? found) => _byName.TryGetValue(name, out found);

    /// <summary>Finds a client by the path of its object.</summary>
    internal bool TryFindPath(string path, [NotNullWhen(true)] out ClientObject? found) => _byPath.TryGetValue(path, out found);

    /// <summary>Stores a new state; a client keeps its path until it is removed.</summary>
    internal ClientObject Put(ClientState state)
    {
        _byName.TryGetValue(state.Name, out var before);
        var after = new ClientObject(paths.Of(state.Name), state);
        _byName[state.Name] = after;
        _byPath[after.Path] = after;
        SecretsGiven += (ulong)(state.SecretsGiven - (before?.State.SecretsGiven ?? 0));
        return after;
    }

    /// <summary>Removes a client.</summary>
    internal void Remove(ClientObject client)
    {
        if (!_byName.Remove(client.State.Name, out var known))
            return;
        _byPath.Remove(known.Path);
        paths.Release(known.State.Name);
        SecretsGiven -= (ulong)known.State.SecretsGiven;
    }
}
