using Mandos.Server.Clients;

namespace Mandos.Server.ClientFiles;

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
/// What the configuration says about the clients, read at once. Owns the secrets of the definitions until the caller that takes one
/// over calls <see cref="Release"/>.
/// </summary>
/// <param name="Source">Whether it is everything.</param>
/// <param name="Definitions">The clients that were read, in the order of the table.</param>
/// <param name="HasMain">
/// Whether clients.conf is there and has something in it, be it a comment: one without a byte was not written by a person.
/// </param>
/// <param name="LeftOut">Names of clients that something is wrong with: on a reload they stay as they are.</param>
internal sealed record ClientsReading(
    ClientsSource Source, bool HasMain, IReadOnlyList<ClientDefinition> Definitions, IReadOnlySet<string> LeftOut)
    : IDisposable
{
    private bool _released;
    private bool _filesTaken;

    /// <summary>The names of all clients, in the order of the table; one without a definition is as it was the last time.</summary>
    internal IReadOnlyList<string> Order { get; init; } = [.. Definitions.Select(definition => definition.Name)];

    /// <summary>Those of the names that have no section in any file, right or wrong.</summary>
    internal IReadOnlySet<string> Without(IEnumerable<string> names) =>
        names.Except(Order).Except(LeftOut).ToHashSet(StringComparer.Ordinal);

    /// <summary>What was read, to be remembered once it was followed; null if nothing is.</summary>
    internal KnownFiles? Files { get; init; }

    /// <summary>The caller owns what is remembered from now on.</summary>
    internal KnownFiles? TakeFiles()
    {
        _filesTaken = true;
        return Files;
    }

    /// <summary>Hands over the ownership of the definitions.</summary>
    internal IReadOnlyList<ClientDefinition> Release()
    {
        _released = true;
        return Definitions;
    }

    /// <summary>Releases the secrets.</summary>
    public void Dispose()
    {
        if (!_filesTaken)
            Files?.Dispose();
        _filesTaken = true;
        if (_released)
            return;
        _released = true;
        foreach (var definition in Definitions)
            definition.Secret.Dispose();
    }
}
