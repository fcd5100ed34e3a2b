namespace Mandos.Server.Clients;

/// <summary>What persists across runs of the server: the state of the clients, and the configuration that it was built from.</summary>
internal interface IClientStore : IDisposable
{
    /// <summary>Loads what was last saved; empty at the first start.</summary>
    /// <exception cref="StoreException">The store is damaged or cannot be read.</exception>
    StoredState Load();

    /// <summary>
    /// Replaces everything by the outcome of a start or reload: the clients, and the configuration that they were built from.
    /// </summary>
    /// <exception cref="StoreException">Nothing was changed.</exception>
    void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now);

    /// <summary>Saves clients, all or none. The change is durable when this returns.</summary>
    /// <exception cref="StoreException">Nothing was changed.</exception>
    void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed, Moment now);

    /// <summary>
    /// Saves enabled clients for which only the times of a successful check changed since the last save; much cheaper than Save.
    /// </summary>
    /// <exception cref="StoreException">Nothing was changed.</exception>
    void SaveTimes(IReadOnlyList<ClientState> changed, Moment now);
}

/// <summary>The store cannot do what was requested; the message says what and why, in the style of the log.</summary>
internal sealed class StoreException(string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How to fix the problem.</summary>
    internal string? Hint { get; } = hint;

    /// <summary>
    /// Whether the disk or the directory is at fault, not the content: the data may still be readable, and writing may work again later.
    /// </summary>
    internal bool IsAboutDisk { get; init; }

    /// <summary>Whether the state directory does not exist, so that nothing was saved.</summary>
    internal bool IsAboutAbsence { get; init; }
}
