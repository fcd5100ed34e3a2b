using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>The store for <c>--no-restore</c>: nothing is restored or saved, and the state directory is not touched.</summary>
internal sealed class ForgetfulStore : IClientStore
{
    /// <inheritdoc />
    public StoredState Load() => new([], new Dictionary<string, ConfiguredClient>());

    /// <inheritdoc />
    public void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now)
    {
    }

    /// <inheritdoc />
    public void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed, Moment now)
    {
    }

    /// <inheritdoc />
    public void SaveTimes(IReadOnlyList<ClientState> changed, Moment now)
    {
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }
}
