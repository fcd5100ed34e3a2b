using System.Diagnostics.CodeAnalysis;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Objects;

/// <summary>
/// All clients as they have been signalled on the bus so far, in the order of the table. A reader on the bus sees a change when
/// its signals have been sent, neither before nor after. For one thread at a time.
/// </summary>
internal sealed class ClientObjects(ClientPaths paths)
{
    private readonly OrderedDictionary<string, ClientObject> _byName = [];
    private readonly Dictionary<string, ClientObject> _byPath = [];

    /// <summary>All of them, as of now.</summary>
    internal ClientObject[] All => [.. _byName.Values];

    /// <summary>How many there are.</summary>
    internal int Count => _byName.Count;

    /// <summary>All secrets given by those that are there.</summary>
    internal ulong SecretsGiven { get; private set; }

    /// <summary>By the name of the client.</summary>
    internal bool TryFind(string name, [NotNullWhen(true)] out ClientObject? found) => _byName.TryGetValue(name, out found);

    /// <summary>By the path of the object.</summary>
    internal bool TryFindPath(string path, [NotNullWhen(true)] out ClientObject? found) => _byPath.TryGetValue(path, out found);

    /// <summary>Takes up a new state; a client keeps its path as long as it is there.</summary>
    internal ClientObject Put(ClientState state)
    {
        _byName.TryGetValue(state.Name, out var before);
        var after = new ClientObject(paths.Of(state.Name), state);
        _byName[state.Name] = after;
        _byPath[after.Path] = after;
        SecretsGiven += (ulong)(state.SecretsGiven - (before?.State.SecretsGiven ?? 0));
        return after;
    }

    /// <summary>Forgets a client.</summary>
    internal void Remove(ClientObject client)
    {
        if (!_byName.Remove(client.State.Name, out var known))
            return;
        _byPath.Remove(known.Path);
        paths.Release(known.State.Name);
        SecretsGiven -= (ulong)known.State.SecretsGiven;
    }
}
