using Mandos.Server.Clients;

namespace Mandos.Server.ClientFiles;

/// <summary>How complete the configuration of the clients is.</summary>
internal enum ClientsSource
{
    /// <summary>All files could be read and parsed.</summary>
    Whole,

    /// <summary>There is neither a clients.conf nor any other file.</summary>
    Missing,

    /// <summary>A file exists but cannot be read: its content is unknown.</summary>
    Unreadable,

    /// <summary>A file cannot be parsed.</summary>
    Malformed,
}

/// <summary>
/// The configuration of the clients from one reading. Owns the secrets of the definitions until <see cref="Release"/> transfers them to the
/// caller.
/// </summary>
/// <param name="Source">How complete the reading is.</param>
/// <param name="Definitions">The clients that were read, in table order.</param>
/// <param name="HasMain">Whether clients.conf exists and is not empty; a comment is enough, because a person does not write a file without
/// a single byte.</param>
/// <param name="LeftOut">The names of clients with errors, which a reload does not change.</param>
internal sealed record ClientsReading(
    ClientsSource Source, bool HasMain, IReadOnlyList<ClientDefinition> Definitions, IReadOnlySet<string> LeftOut)
    : IDisposable
{
    private bool _released;
    private bool _filesTaken;

    /// <summary>Whether the folder clients.d exists; it may be empty.</summary>
    internal bool HasFolder { get; init; }

    /// <summary>Whether the folder clients.d has files, or it is unknown because it cannot be listed.</summary>
    internal bool HasInFolder { get; init; }

    /// <summary>The names of all clients, in table order; one without a definition has not changed since the last reading.</summary>
    internal IReadOnlyList<string> Order { get; init; } = [.. Definitions.Select(definition => definition.Name)];

    /// <summary>Returns those names that have no section in any file, valid or invalid.</summary>
    internal IReadOnlySet<string> Without(IEnumerable<string> names) =>
        names.Except(Order).Except(LeftOut).ToHashSet(StringComparer.Ordinal);

    /// <summary>What was read, to be remembered once it has been applied; null if nothing is.</summary>
    internal KnownFiles? Files { get; init; }

    /// <summary>Transfers what is remembered to the caller.</summary>
    internal KnownFiles? TakeFiles()
    {
        _filesTaken = true;
        return Files;
    }

    /// <summary>Transfers the definitions to the caller.</summary>
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
