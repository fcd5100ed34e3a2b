namespace Mandos.Server.Clients;

/// <summary>How whole the configuration of the clients is.</summary>
internal enum ClientsSource
{
    /// <summary>All files could be read and parsed.</summary>
    Whole,

    /// <summary>There is no clients.conf, nor any file beside it.</summary>
    Missing,

    /// <summary>A file is there but cannot be read: what stands in it is not known.</summary>
    Unreadable,

    /// <summary>A file cannot be parsed.</summary>
    Malformed,
}

/// <summary>
/// What the configuration says about the clients, read at once. Owns the secrets of the definitions until whoever takes one
/// over calls <see cref="Release"/>.
/// </summary>
/// <param name="Source">Whether it is everything.</param>
/// <param name="Definitions">The clients, in the order of the table.</param>
/// <param name="HasMain">Whether clients.conf is there.</param>
/// <param name="LeftOut">Names of clients that something is wrong with: on a reload they stay as they are.</param>
internal sealed record ClientsReading(ClientsSource Source, bool HasMain, IReadOnlyList<ClientDefinition> Definitions, IReadOnlySet<string> LeftOut) : IDisposable
{
    private bool _released;

    /// <summary>Somebody else owns the definitions from now on.</summary>
    internal IReadOnlyList<ClientDefinition> Release()
    {
        _released = true;
        return Definitions;
    }

    /// <summary>Lets go of the secrets.</summary>
    public void Dispose()
    {
        if (_released)
            return;
        _released = true;
        foreach (var definition in Definitions)
            definition.Secret.Dispose();
    }
}
