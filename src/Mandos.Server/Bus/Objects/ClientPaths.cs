using Mandos.Server.Bus.Interfaces;

namespace Mandos.Server.Bus.Objects;

/// <summary>
/// The paths of clients: assigned at the first use, kept until the client is removed, never shared. Thread-safe, because checkers use the
/// paths too.
/// </summary>
internal sealed class ClientPaths
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _byName = [];
    private readonly HashSet<string> _taken = [];

    /// <summary>The path of a client.</summary>
    internal string Of(string name)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(name, out var known))
                return known;
            var path = ClientPath.Of(name, _taken.Contains);
            _byName.Add(name, path);
            _taken.Add(path);
            return path;
        }
    }

    /// <summary>Releases the path of a removed client for others.</summary>
    internal void Release(string name)
    {
        lock (_gate)
        {
            if (_byName.Remove(name, out var path))
                _taken.Remove(path);
        }
    }
}
