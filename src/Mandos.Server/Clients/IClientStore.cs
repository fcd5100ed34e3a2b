namespace Mandos.Server.Clients;

/// <summary>What outlives the server: the state of its clients, and the configuration that it was made of.</summary>
internal interface IClientStore : IDisposable
{
    /// <summary>Everything as it was saved last; nothing at all at the first start.</summary>
    /// <exception cref="StoreException">It is damaged, or cannot be read.</exception>
    StoredState Load();

    /// <summary>
    /// Replaces what there is by the outcome of a start or of a reload: clients, and the configuration they were made of.
    /// </summary>
    /// <exception cref="StoreException">Nothing was changed.</exception>
    void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now);

    /// <summary>Saves clients, all or none; durable when it returns.</summary>
    /// <exception cref="StoreException">Nothing was changed.</exception>
    void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed, Moment now);

    /// <summary>
    /// The same for enabled clients of whom nothing but the times of a check that succeeded changed since they were saved; much
    /// cheaper.
    /// </summary>
    /// <exception cref="StoreException">Nothing was changed.</exception>
    void SaveTimes(IReadOnlyList<ClientState> changed, Moment now);
}

/// <summary>The store cannot do what it was asked; the message says what and why, in the style of the log.</summary>
internal sealed class StoreException(string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to do about it.</summary>
    internal string? Hint { get; } = hint;

    /// <summary>
    /// It is the disk or the directory, not what stands there: what was saved may still be readable, and writing may work again.
    /// </summary>
    internal bool IsAboutDisk { get; init; }

    /// <summary>There is no state directory, so there is nothing that was saved.</summary>
    internal bool IsAboutAbsence { get; init; }
}
